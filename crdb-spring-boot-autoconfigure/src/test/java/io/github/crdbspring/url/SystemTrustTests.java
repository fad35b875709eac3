package io.github.crdbspring.url;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TlsPostgres;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@code sslrootcert=system}, each in a JVM with a trust store of its own.
 */
@ServerTest
class SystemTrustTests {

	@TempDir
	private Path folder;

	private TlsPostgres server;

	@BeforeEach
	void setServer(TlsPostgres tlsPostgres) {
		this.server = tlsPostgres;
	}

	@Test
	void theServerIsVerifiedAgainstTheTrustStore() throws Exception {
		String url = this.server.url(TlsPostgres.DATABASE,
				"user=" + PasswordPostgres.USER + "&password=" + PasswordPostgres.PASSWORD + "&sslrootcert=system");
		assertThat(connect(url, this.server.authority())).isEqualTo(PasswordPostgres.USER);
		assertThat(connect(url, new CertificateAuthority("other"))).contains("SSLHandshakeException");
		assertThat(connect(url.replace("localhost", "127.0.0.1"), this.server.authority())).contains("127.0.0.1");
	}

	@Test
	void aClientCertificateIsPresented() throws Exception {
		IssuedCertificate client = this.server.authority().issueForClient(PasswordPostgres.USER);
		Path certificate = client.writeCertificate(this.folder.resolve("client.crt"));
		String url = this.server.url(TlsPostgres.CERTIFICATE_DATABASE, "user=" + PasswordPostgres.USER
				+ "&sslrootcert=system&sslcert=" + certificate + "&sslkey=" + this.folder.resolve("client."));
		client.writeKey(this.folder.resolve("client.key"));
		assertThat(connect(url + "key", this.server.authority())).isEqualTo(PasswordPostgres.USER);
		assertThat(connect(url + "key", new CertificateAuthority("other"))).contains("SSLHandshakeException");
		assertThat(connect(url.replace("localhost", "127.0.0.1") + "key", this.server.authority()))
			.contains("127.0.0.1");
		ClientKeyForms.writePkcs12(this.folder.resolve("client.p12"), "user", client.key(), client.certificate());
		assertThat(connect(url + "p12&sslpassword=" + ClientKeyForms.PASSWORD, this.server.authority()))
			.isEqualTo(PasswordPostgres.USER);
		ClientKeyForms.write(this.folder.resolve("client.pk8"),
				ClientKeyForms.encrypted(client.key(), "PBEWithSHA1AndDESede"));
		assertThat(connect(url + "pk8&sslpassword=" + ClientKeyForms.PASSWORD, this.server.authority()))
			.isEqualTo(PasswordPostgres.USER);
	}

	private String connect(String url, CertificateAuthority trusted) throws Exception {
		Path trustStore = this.folder.resolve("trust.p12");
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setCertificateEntry("ca", trusted.certificate());
		try (OutputStream out = Files.newOutputStream(trustStore)) {
			store.store(out, "changeit".toCharArray());
		}
		Path output = this.folder.resolve("output");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Djavax.net.ssl.trustStore=" + trustStore, "-Djavax.net.ssl.trustStorePassword=changeit", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				Client.class.getName(), url)
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		try {
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		return Files.readString(output).strip();
	}

	/**
	 * Connects as the auto-configuration does, and prints the user or what went wrong.
	 */
	public static final class Client {

		private Client() {
		}

		public static void main(String[] args) throws Exception {
			CrdbUrl url = CrdbUrl.parse(args[0]).checkFiles();
			Properties credentials = new Properties();
			credentials.setProperty("user", url.username());
			if (url.password() != null) {
				credentials.setProperty("password", url.password());
			}
			if (url.keyPassword() != null) {
				url = url.withKeyPasswordFrom(TlsHandover.ofKeyPassword(url.keyPassword()));
			}
			try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), credentials);
					ResultSet result = connection.createStatement().executeQuery("SELECT current_user")) {
				result.next();
				System.out.println(result.getString(1));
			}
		}

	}

}
