package io.github.crdbspring.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A PostgreSQL that takes connections through TLS only, with a certificate for
 * {@code localhost}, but not for {@code 127.0.0.1}. In {@link #DATABASE} it asks for the
 * password of {@link PasswordPostgres#USER}, in {@link #CERTIFICATE_DATABASE} for a
 * client certificate.
 */
public final class TlsPostgres implements AutoCloseable {

	/**
	 * The database that takes a password.
	 */
	public static final String DATABASE = PasswordPostgres.DATABASE;

	/**
	 * The database that takes a client certificate.
	 */
	public static final String CERTIFICATE_DATABASE = "vault";

	private static final List<String> ACCESS = List.of("host postgres postgres samehost trust",
			"hostssl " + CERTIFICATE_DATABASE + " all samehost cert", "hostssl all all samehost scram-sha-256");

	private final CertificateAuthority authority;

	private final EmbeddedPostgres postgres;

	private TlsPostgres(CertificateAuthority authority, IssuedCertificate certificate) throws IOException {
		this.authority = authority;
		this.postgres = EmbeddedPostgresServer.start(0, Map.of("ssl", "on", "ssl_ca_file", "root.crt"), (data) -> {
			certificate.writeCertificate(data.resolve("server.crt"));
			certificate.writeKey(data.resolve("server.key"));
			authority.writeCertificate(data.resolve("root.crt"));
			Files.write(data.resolve("pg_hba.conf"), ACCESS);
		});
		PasswordPostgres.prepare(this.postgres, DATABASE, CERTIFICATE_DATABASE);
	}

	static TlsPostgres start() throws IOException {
		CertificateAuthority authority = new CertificateAuthority("tests");
		return new TlsPostgres(authority, authority.issueForServer("localhost"));
	}

	/**
	 * Start a server of one test's own, which has to close it.
	 * @return a server whose certificate expired yesterday
	 */
	public static TlsPostgres startWithExpiredCertificate() throws IOException {
		CertificateAuthority authority = new CertificateAuthority("tests");
		return new TlsPostgres(authority, authority.issueExpiredForServer("localhost"));
	}

	/**
	 * Return who issued the server's certificate, and whose client certificates the
	 * server accepts.
	 * @return the authority
	 */
	public CertificateAuthority authority() {
		return this.authority;
	}

	/**
	 * Write the certificate that clients have to trust.
	 * @param folder where to
	 * @return a PEM file
	 */
	public Path writeRootCertificate(Path folder) throws IOException {
		return this.authority.writeCertificate(folder.resolve("root.crt"));
	}

	/**
	 * Return the port.
	 * @return a port of {@code localhost}
	 */
	public int port() {
		return this.postgres.getPort();
	}

	/**
	 * Return a URL without credentials.
	 * @param database the database
	 * @param parameters what follows the question mark
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url(String database, String parameters) {
		return "postgresql://localhost:" + port() + "/" + database + "?" + parameters;
	}

	@Override
	public void close() throws IOException {
		this.postgres.close();
	}

}
