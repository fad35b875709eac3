package io.github.crdbspring.url;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
		List<String> answers = connect(this.server.authority(), url, url.replace("localhost", "127.0.0.1"));
		assertThat(answers).hasSize(2);
		assertThat(answers.get(0)).isEqualTo(PasswordPostgres.USER);
		assertThat(answers.get(1)).contains("127.0.0.1");
		assertThat(connect(new CertificateAuthority("other"), url)).singleElement()
			.asString()
			.contains("SSLHandshakeException");
	}

	@Test
	void aClientCertificateIsPresented() throws Exception {
		IssuedCertificate client = this.server.authority().issueForClient(PasswordPostgres.USER);
		Path certificate = client.writeCertificate(this.folder.resolve("client.crt"));
		String url = this.server.url(TlsPostgres.CERTIFICATE_DATABASE, "user=" + PasswordPostgres.USER
				+ "&sslrootcert=system&sslcert=" + certificate + "&sslkey=" + this.folder.resolve("client."));
		client.writeKey(this.folder.resolve("client.key"));
		ClientKeyForms.writePkcs12(this.folder.resolve("client.p12"), "user", client.key(), client.certificate());
		ClientKeyForms.write(this.folder.resolve("client.pk8"),
				ClientKeyForms.encrypted(client.key(), "PBEWithSHA1AndDESede"));
		List<String> answers = connect(this.server.authority(), url + "key",
				url + "p12&sslpassword=" + ClientKeyForms.PASSWORD, url + "pk8&sslpassword=" + ClientKeyForms.PASSWORD,
				url.replace("localhost", "127.0.0.1") + "key");
		assertThat(answers).hasSize(4);
		assertThat(answers.subList(0, 3)).containsOnly(PasswordPostgres.USER);
		assertThat(answers.get(3)).contains("127.0.0.1");
		assertThat(connect(new CertificateAuthority("other"), url + "key")).singleElement()
			.asString()
			.contains("SSLHandshakeException");
	}

	/**
	 * Connect from a JVM that trusts an authority.
	 * @return what it was told, for each URL
	 */
	private List<String> connect(CertificateAuthority trusted, String... urls) throws Exception {
		Path trustStore = this.folder.resolve("trust.p12");
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setCertificateEntry("ca", trusted.certificate());
		try (OutputStream out = Files.newOutputStream(trustStore)) {
			store.store(out, "changeit".toCharArray());
		}
		Path output = this.folder.resolve("output");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Djavax.net.ssl.trustStore=" + trustStore, "-Djavax.net.ssl.trustStorePassword=changeit",
						"-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
						Client.class.getName()));
		command.addAll(List.of(urls));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		try {
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		return Files.readString(output)
			.lines()
			.filter((line) -> line.startsWith(Client.ANSWER))
			.map((line) -> line.substring(Client.ANSWER.length()))
			.toList();
	}

	/**
	 * Connects as the auto-configuration does, and prints the user or what went wrong.
	 */
	public static final class Client {

		static final String ANSWER = "Answer: ";

		private Client() {
		}

		public static void main(String[] args) {
			for (String url : args) {
				System.out.println(ANSWER + connect(url));
			}
		}

		private static String connect(String address) {
			CrdbUrl url = CrdbUrl.parse(address).checkFiles();
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
				return result.getString(1);
			}
			catch (SQLException ex) {
				return Stream.<Throwable>iterate(ex, Objects::nonNull, Throwable::getCause)
					.map(Throwable::toString)
					.collect(Collectors.joining(", since: "));
			}
		}

	}

}
