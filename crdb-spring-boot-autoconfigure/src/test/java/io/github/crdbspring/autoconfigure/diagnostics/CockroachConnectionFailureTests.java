package io.github.crdbspring.autoconfigure.diagnostics;

import java.io.IOException;
import java.nio.file.Path;

import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.SecureCockroach;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ConnectionFailureAnalyzer} on a CockroachDB in secure mode and one
 * without.
 */
@ServerTest
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class CockroachConnectionFailureTests {

	private static final String USER = SecureCockroach.USER;

	private static final String PASSWORD = SecureCockroach.PASSWORD;

	/**
	 * CockroachDB 22.1 asks for more iterations than the driver takes by default.
	 */
	private static final String LOGIN = "sslmode=require&scramMaxIterations=200000";

	private static final String WRONG = "wr0ng-wr0ng";

	@TempDir
	private Path folder;

	@Test
	void tlsIsRequired(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=disable", USER, PASSWORD)).contains(
				"The database at localhost:" + server.port() + "/bank cannot be used (SQLSTATE 08P01)",
				"takes connections through TLS only", "Set sslmode=verify-full in crdb.url", "ca.crt");
	}

	@Test
	@RequiresCockroach
	void tlsIsNotSupported(TestDatabase database, CapturedOutput output) {
		assertThat(FailingApplication.start(output, database.url().replace("sslmode=disable", "sslmode=require"), USER,
				PASSWORD))
			.contains("(SQLSTATE 08004): TLS is demanded, but the server does not speak it", "--insecure",
					"sslmode=disable in crdb.url");
	}

	@Test
	void theCertificateIsNotTrusted(SecureCockroach server, CapturedOutput output) throws IOException {
		Path other = new CertificateAuthority("other").writeCertificate(this.folder.resolve("other.crt"));
		assertThat(start(output, server, "sslmode=verify-full&sslrootcert=" + other, USER, PASSWORD))
			.contains("(SQLSTATE 08006): the server's certificate is not trusted");
	}

	@Test
	void theCertificateIsForAnotherHost(SecureCockroach server, CapturedOutput output) {
		String parameters = "sslmode=verify-full&sslrootcert=" + server.rootCertificate();
		String url = server.url(SecureCockroach.DATABASE, parameters).replace("localhost", "127.0.0.1");
		assertThat(FailingApplication.start(output, url, USER, PASSWORD)).contains("not valid for the name of the host",
				"cockroach cert create-node");
	}

	@Test
	void thePasswordIsWrong(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server, LOGIN, USER, WRONG)).contains("the server refused the login",
				"crdb.username and crdb.password win over crdb.url");
	}

	@Test
	void theUserIsUnknown(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=require", "nobody", WRONG)).contains("the server refused the login");
	}

	@Test
	void rootHasNoCertificateAndNoPassword(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=require", "root", ""))
			.contains("asks for a password, and none is set", "The user root needs one");
	}

	@Test
	void rootHasNoCertificateButAPassword(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=require", "root", WRONG)).contains("the server refused the login",
				"The user root of a secure CockroachDB needs a client certificate");
	}

	@Test
	void theClientCertificateIsOfAnotherUser(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server,
				"sslmode=require&sslcert=" + server.clientCertificate() + "&sslkey=" + server.clientKey(), USER,
				PASSWORD))
			.contains("the server did not accept the client certificate for this user", "cockroach cert create-client");
	}

	@Test
	void theClientCertificateIsOfAnotherAuthority(SecureCockroach server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = new CertificateAuthority("other").issueForClient("root");
		Path file = certificate.writeCertificate(this.folder.resolve("client.crt"));
		Path key = certificate.writeBinaryKey(this.folder.resolve("client.pk8"));
		assertThat(start(output, server, "sslmode=require&sslcert=" + file + "&sslkey=" + key, "root", ""))
			.contains("asks for a password, and none is set", "issued by the CA of the cluster");
	}

	@Test
	void theKeyIsInTheFormThatCockroachMakesByDefault(SecureCockroach server, CapturedOutput output) {
		String parameters = "sslmode=require&sslcert=" + server.clientCertificate() + "&sslkey="
				+ server.rsaClientKey();
		assertThat(FailingApplication.start(output, FailingApplication.Application.class, FailingApplication.NO_POOL,
				"spring.datasource.url=jdbc:" + server.url(SecureCockroach.DATABASE, parameters),
				"spring.datasource.username=root"))
			.contains("in a format that the driver does not take: " + server.rsaClientKey(),
					"--also-generate-pkcs8-key");
	}

	@Test
	void theDatabaseIsUnknown(SecureCockroach server, CapturedOutput output) {
		assertThat(FailingApplication.start(output, server.url("nowhere", LOGIN), USER, PASSWORD))
			.contains("/nowhere cannot be used", "a database does not exist", "correct the database in crdb.url");
	}

	private static String start(CapturedOutput output, SecureCockroach server, String parameters, String username,
			String password) {
		return FailingApplication.start(output, server.url(SecureCockroach.DATABASE, parameters), username, password);
	}

}
