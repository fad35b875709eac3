package io.github.crdbspring.autoconfigure.diagnostics;

import java.io.IOException;
import java.nio.file.Path;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.url.InvalidCrdbUrlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the analyzers of what is wrong before any connection is opened, or with one
 * that works.
 */
@ServerTest
@ExtendWith(OutputCaptureExtension.class)
class ConfigurationFailureTests {

	@Test
	void cockroachIsRequired(PasswordPostgres server, CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class, FailingApplication.NO_POOL,
				"crdb.require-cockroachdb=true", "crdb.url=" + server.url(PasswordPostgres.DATABASE, ""),
				"crdb.username=" + PasswordPostgres.USER, "crdb.password=" + PasswordPostgres.PASSWORD))
			.contains("The database is PostgreSQL", "but CockroachDB is required", "crdb.require-cockroachdb=false");
	}

	@Test
	void cockroachIsRequiredThroughAPool(PasswordPostgres server, CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"crdb.require-cockroachdb=true", "crdb.url=" + server.url(PasswordPostgres.DATABASE, ""),
				"crdb.username=" + PasswordPostgres.USER, "crdb.password=" + PasswordPostgres.PASSWORD))
			.contains("The database is PostgreSQL", "but CockroachDB is required");
	}

	@Test
	void theUrlIsMalformed(CapturedOutput output) {
		String url = "postgresql://teller:s3cr3t%zz@localhost/bank";
		String report = FailingApplication.start(output, FailingApplication.Application.class, "crdb.url=" + url);
		assertThat(report).contains("crdb.url: ", "percent-encoded").doesNotContain("s3cr3t", "teller");
		assertThat(report.lines()).contains("    postgresql://*******************************",
				"    " + " ".repeat(url.indexOf('%')) + "^");
		assertThat(output.getAll()).doesNotContain("s3cr3t", "teller");
	}

	@Test
	void aKeyIsInAnotherFormat(@TempDir Path folder, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = new CertificateAuthority("tests").issueForClient("teller");
		Path key = certificate.writeRsaKey(folder.resolve("client.key"));
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"crdb.url=postgresql://teller@localhost:1/bank?sslmode=require&sslcert="
						+ certificate.writeCertificate(folder.resolve("client.crt")) + "&sslkey=" + key))
			.contains("sslkey of the database URL: the file " + key, "openssl pkcs8", "--also-generate-pkcs8-key",
					"Correct sslkey of the database URL", "PKCS#8 and PKCS#12");
	}

	@Test
	void aFileForTlsIsMissing(@TempDir Path folder, CapturedOutput output) {
		Path missing = folder.resolve("missing.crt");
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"crdb.url=postgresql://teller@localhost:1/bank?sslmode=verify-full&sslrootcert=" + missing))
			.contains("sslrootcert of the database URL: the file " + missing,
					"Correct sslrootcert of the database URL, or the file that it names.");
	}

	@Test
	void anAnnotatedMethodHasNoTransactions(CapturedOutput output) {
		assertThat(
				FailingApplication.start(output, AnnotatedApplication.class, "crdb.url=postgresql://localhost:1/bank"))
			.contains("void " + AnnotatedApplication.class.getName() + ".transfer() cannot run in a transaction.",
					"There is no bean of type PlatformTransactionManager.", "Add one for CockroachDB's DataSource.");
	}

	@Test
	void aMalformedUrlIsPointedAt() {
		String url = "postgresql://teller:se%cret@localhost/bank";
		String description = analyze(url, url.indexOf('%')).getDescription();
		assertThat(description.lines()).containsExactly("crdb.url: wrong", "",
				"    postgresql://*****************************", "                          ^");
	}

	@Test
	void theEndOfAUrlIsPointedAt() {
		assertThat(analyze("jdbc:postgres://", 16).getDescription().lines()).contains("    jdbc:postgres://",
				"                    ^");
	}

	@Test
	void whatIsNoKnownSchemeIsMasked() {
		assertThat(analyze("jdbc:secret://localhost", 5).getDescription().lines())
			.contains("    jdbc:******************", "         ^");
		assertThat(analyze("secret", 0).getDescription().lines()).contains("    ******", "    ^");
	}

	@Test
	void withoutTheUrlThereIsNoPicture() {
		FailureAnalysis analysis = new InvalidCrdbUrlFailureAnalyzer(null)
			.analyze(new InvalidCrdbUrlException("crdb.url: wrong", 3));
		assertThat(analysis.getDescription()).isEqualTo("crdb.url: wrong");
		assertThat(analyze("short", 6).getDescription()).isEqualTo("crdb.url: wrong");
	}

	private static FailureAnalysis analyze(String url, int position) {
		return new InvalidCrdbUrlFailureAnalyzer(new MockEnvironment().withProperty("crdb.url", url))
			.analyze(new IllegalStateException(new InvalidCrdbUrlException("crdb.url: wrong", position)));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class })
	static class AnnotatedApplication {

		@CrdbTransactional
		void transfer() {
			throw new UnsupportedOperationException();
		}

	}

}
