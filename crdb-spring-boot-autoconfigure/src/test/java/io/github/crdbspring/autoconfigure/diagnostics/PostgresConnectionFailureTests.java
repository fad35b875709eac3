package io.github.crdbspring.autoconfigure.diagnostics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TlsPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGProperty;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link ConnectionFailureAnalyzer} on a PostgreSQL with TLS and one without.
 * The URL is that of Spring Boot, so that every mistake gets as far as the driver.
 */
@ServerTest
@ExtendWith(OutputCaptureExtension.class)
class PostgresConnectionFailureTests {

	private static final String USER = PasswordPostgres.USER;

	private static final String PASSWORD = PasswordPostgres.PASSWORD;

	private static final String WRONG = "wr0ng-wr0ng";

	@TempDir
	private Path folder;

	@Test
	void tlsIsRequired(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=disable", PASSWORD)).contains(
				"The database at localhost:" + server.port() + "/bank cannot be used (SQLSTATE 28000)",
				"takes connections through TLS only", "Set sslmode=verify-full in spring.datasource.url");
	}

	@Test
	void tlsIsNotSupported(PasswordPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url(PasswordPostgres.DATABASE, "sslmode=require"), USER, PASSWORD)).contains(
				"(SQLSTATE 08004): TLS is demanded, but the server does not speak it", "--insecure",
				"sslmode=disable in spring.datasource.url");
	}

	@Test
	void theCertificateIsNotTrusted(TlsPostgres server, CapturedOutput output) throws IOException {
		Path other = new CertificateAuthority("other").writeCertificate(this.folder.resolve("other.crt"));
		assertThat(start(output, server, "sslmode=verify-full&sslrootcert=" + other, PASSWORD))
			.contains("(SQLSTATE 08006): the server's certificate is not trusted", "Let sslrootcert in spring.data");
	}

	@Test
	void theCertificateIsNotTrustedByTheJvm(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
				PASSWORD))
			.contains("the server's certificate is not trusted");
	}

	@Test
	void theCertificateHasExpired(CapturedOutput output) throws IOException {
		try (TlsPostgres server = TlsPostgres.startWithExpiredCertificate()) {
			Path root = server.writeRootCertificate(this.folder);
			assertThat(start(output, server, "sslmode=verify-full&sslrootcert=" + root, PASSWORD))
				.contains("the server's certificate has expired, or is not valid yet", "Renew the certificate");
		}
	}

	@Test
	void theCertificateIsForAnotherHost(TlsPostgres server, CapturedOutput output) throws IOException {
		String parameters = "sslmode=verify-full&sslrootcert=" + server.writeRootCertificate(this.folder);
		assertThat(start(output, server.url(TlsPostgres.DATABASE, parameters).replace("localhost", "127.0.0.1"), USER,
				PASSWORD))
			.contains("The database at 127.0.0.1:", "not valid for the name of the host", "Use a host name");
	}

	@Test
	void theRootCertificateIsMissing(TlsPostgres server, CapturedOutput output) {
		Path missing = this.folder.resolve("missing.crt");
		assertThat(start(output, server, "sslmode=verify-full&sslrootcert=" + missing, PASSWORD))
			.contains("the CA certificate is missing", ": " + missing, "sslrootcert=system in crdb.url");
	}

	@Test
	void theRootCertificateIsNone(TlsPostgres server, CapturedOutput output) throws IOException {
		Path none = Files.writeString(this.folder.resolve("none.crt"), "no certificate");
		assertThat(start(output, server, "sslmode=verify-full&sslrootcert=" + none, PASSWORD))
			.contains("has no certificate in PEM form: " + none);
	}

	@Test
	void thePasswordIsWrong(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=require", WRONG))
			.contains("(SQLSTATE 28P01): the server refused the login", "percent-encode")
			.doesNotContain(USER);
	}

	@Test
	void thePasswordIsWrongWithoutTls(PasswordPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url(PasswordPostgres.DATABASE, ""), USER, WRONG))
			.contains("the server refused the login");
	}

	@Test
	void theUserIsUnknown(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url(TlsPostgres.DATABASE, ""), "nobody", WRONG))
			.contains("the server refused the login");
	}

	@Test
	void thePasswordIsMissing(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server, "sslmode=require", "")).contains("asks for a password, and none is set");
	}

	@Test
	void theDatabaseIsUnknown(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url("nowhere", ""), USER, PASSWORD)).contains(
				"/nowhere cannot be used (SQLSTATE 3D000): a database does not exist",
				"correct the database in spring.datasource.url");
	}

	@Test
	void theClientCertificateIsMissing(TlsPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url(TlsPostgres.CERTIFICATE_DATABASE, ""), USER, PASSWORD))
			.contains("(SQLSTATE 28000): the server did not accept the client certificate", "sslcert and sslkey");
	}

	@Test
	void theClientCertificateIsOfAnotherUser(TlsPostgres server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = server.authority().issueForClient("somebody");
		assertThat(startWithKey(output, server, certificate, certificate.writeBinaryKey(file("key.pk8"))))
			.contains("the server did not accept the client certificate for this user");
	}

	@Test
	void theClientCertificateIsOfAnotherAuthority(TlsPostgres server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = new CertificateAuthority("other").issueForClient(USER);
		assertThat(startWithKey(output, server, certificate, certificate.writeBinaryKey(file("key.pk8"))))
			.contains("the server did not accept the client certificate for this user");
	}

	@Test
	void theKeyIsInAnotherFormat(TlsPostgres server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = server.authority().issueForClient(USER);
		Path key = certificate.writeRsaKey(file("client.pk8"));
		assertThat(startWithKey(output, server, certificate, key)).contains(
				"(SQLSTATE 08006): the private key of the client certificate is missing, or in a format", ": " + key,
				"openssl pkcs8 -topk8 -nocrypt", "--also-generate-pkcs8-key");
	}

	@Test
	void theKeyIsInAnotherFormatInAPemFile(TlsPostgres server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = server.authority().issueForClient(USER);
		assertThat(startWithKey(output, server, certificate, certificate.writeRsaKey(file("client.pem"))))
			.contains("in a format that the driver does not take", "openssl pkcs8 -topk8 -nocrypt");
	}

	@Test
	void theKeyIsMissing(TlsPostgres server, CapturedOutput output) throws IOException {
		IssuedCertificate certificate = server.authority().issueForClient(USER);
		Path missing = file("missing.pk8");
		assertThat(startWithKey(output, server, certificate, missing))
			.contains("the private key of the client certificate is missing", ": " + missing);
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void othersMayReadTheKey(TlsPostgres server, CapturedOutput output) throws IOException {
		// Older drivers do not look
		assumeThat(PGProperty.forName("reWriteBatchedInsertsSize")).isNotNull();
		IssuedCertificate certificate = server.authority().issueForClient(USER);
		Path key = certificate.writeBinaryKey(file("open.pk8"));
		Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
		assertThat(startWithKey(output, server, certificate, key))
			.contains("others may read the private key of the client certificate: " + key, "chmod 600");
	}

	@Test
	void theCertificateFileIsMissing(TlsPostgres server, CapturedOutput output) throws IOException {
		Path missing = file("missing.crt");
		Path key = server.authority().issueForClient(USER).writeBinaryKey(file("key.pk8"));
		assertThat(start(output,
				server.url(TlsPostgres.CERTIFICATE_DATABASE, "sslmode=require&sslcert=" + missing + "&sslkey=" + key),
				USER, PASSWORD))
			.contains("the file with the client certificate is missing", ": " + missing);
	}

	private Path file(String name) {
		return this.folder.resolve(name);
	}

	private String startWithKey(CapturedOutput output, TlsPostgres server, IssuedCertificate certificate, Path key)
			throws IOException {
		Path file = certificate.writeCertificate(file("client.crt"));
		return start(output,
				server.url(TlsPostgres.CERTIFICATE_DATABASE, "sslmode=require&sslcert=" + file + "&sslkey=" + key),
				USER, PASSWORD);
	}

	private static String start(CapturedOutput output, TlsPostgres server, String parameters, String password) {
		return start(output, server.url(TlsPostgres.DATABASE, parameters), USER, password);
	}

	private static String start(CapturedOutput output, String url, String username, String password) {
		return FailingApplication.start(output, FailingApplication.Application.class, FailingApplication.NO_POOL,
				"spring.datasource.url=jdbc:" + url, "spring.datasource.username=" + username,
				"spring.datasource.password=" + password);
	}

}
