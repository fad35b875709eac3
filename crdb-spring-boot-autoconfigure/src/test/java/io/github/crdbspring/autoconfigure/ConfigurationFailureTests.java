package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.jdbc.InvalidCrdbUrlException;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
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

}
