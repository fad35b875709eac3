package io.github.crdbspring.test;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * A CockroachDB in secure mode, with certificates made by {@code cockroach cert}. Its own
 * is for {@code localhost}, but not for {@code 127.0.0.1}. {@code root} needs a client
 * certificate, {@link #USER} a password.
 */
public final class SecureCockroach implements AutoCloseable {

	/**
	 * A user with a password.
	 */
	public static final String USER = "teller";

	/**
	 * The password of {@link #USER}.
	 */
	public static final String PASSWORD = "correct-horse-battery";

	/**
	 * Database that {@link #USER} may connect to.
	 */
	public static final String DATABASE = "bank";

	private final Path certificates;

	private final TestServer server;

	private SecureCockroach(Path certificates, TestServer server) {
		this.certificates = certificates;
		this.server = server;
	}

	static SecureCockroach start() throws IOException, InterruptedException, SQLException {
		String executable = CockroachProcess.findExecutable();
		Path folder = Files.createTempDirectory("secure-cockroach-test");
		Path certificates = Files.createDirectory(folder.resolve("certs"));
		Path authorityKey = folder.resolve("ca.key");
		createCertificate(executable, certificates, authorityKey, "create-ca");
		createCertificate(executable, certificates, authorityKey, "create-node", "localhost");
		createCertificate(executable, certificates, authorityKey, "create-client", "root", "--also-generate-pkcs8-key");
		SecureCockroach cockroach = new SecureCockroach(certificates,
				CockroachProcess.start(executable, 0, folder, "--certs-dir=" + certificates));
		cockroach.createUser();
		return cockroach;
	}

	private static void createCertificate(String executable, Path certificates, Path authorityKey, String... command)
			throws IOException, InterruptedException {
		List<String> arguments = new ArrayList<>(List.of(executable, "cert"));
		arguments.addAll(List.of(command));
		arguments.addAll(List.of("--certs-dir=" + certificates, "--ca-key=" + authorityKey));
		Process process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes());
		if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
			throw new IllegalStateException("cockroach cert failed:\n" + output);
		}
	}

	private void createUser() throws SQLException {
		Properties root = new Properties();
		root.setProperty("user", "root");
		root.setProperty("sslmode", "verify-full");
		root.setProperty("sslrootcert", rootCertificate().toString());
		root.setProperty("sslcert", clientCertificate().toString());
		root.setProperty("sslkey", clientKey().toString());
		try (Connection connection = DriverManager.getConnection("jdbc:postgresql://localhost:" + port() + "/defaultdb",
				root); Statement statement = connection.createStatement()) {
			statement.execute("CREATE USER " + USER + " WITH PASSWORD '" + PASSWORD + "'");
			statement.execute("CREATE DATABASE " + DATABASE);
		}
	}

	/**
	 * Return the certificate that clients have to trust.
	 * @return a PEM file
	 */
	public Path rootCertificate() {
		return this.certificates.resolve("ca.crt");
	}

	/**
	 * Return the certificate of {@code root}.
	 * @return a PEM file
	 */
	public Path clientCertificate() {
		return this.certificates.resolve("client.root.crt");
	}

	/**
	 * Return the key of {@code root} in a form that the driver takes.
	 * @return a PKCS#8 file
	 */
	public Path clientKey() {
		return this.certificates.resolve("client.root.key.pk8");
	}

	/**
	 * Return the key of {@code root} as CockroachDB makes it without being asked for
	 * more, a form that the driver does not take.
	 * @return a PKCS#1 file
	 */
	public Path rsaClientKey() {
		return this.certificates.resolve("client.root.key");
	}

	/**
	 * Return the port.
	 * @return a port of {@code localhost}
	 */
	public int port() {
		return URI.create(this.server.url()).getPort();
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
	public void close() throws Exception {
		this.server.close();
	}

}
