package io.github.crdbspring.url;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.stream.Stream;

import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.SecureCockroach;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TlsPostgres;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ssl.PEMKeyManager;

import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the client keys that are accepted before any connection is opened, which have
 * to be those that the driver can use, and the refusal of the others.
 */
@ServerTest
class ClientKeyTests {

	@TempDir
	private Path folder;

	private TlsPostgres server;

	private IssuedCertificate client;

	@BeforeEach
	void issueClientCertificate(TlsPostgres tlsPostgres) throws Exception {
		this.server = tlsPostgres;
		this.client = tlsPostgres.authority().issueForClient(PasswordPostgres.USER);
		tlsPostgres.writeRootCertificate(this.folder);
		this.client.writeCertificate(file("client.crt"));
	}

	@Test
	void aPemFileOfPkcs8() throws Exception {
		byte[] pem = ClientKeyForms.pkcs8Pem(this.client.key());
		accept(write("client.key", pem), null);
		accept(write("client.pem", pem), null);
		acceptIfReadByContent(write("client.pk8", pem));
	}

	@Test
	void aBinaryFileOfPkcs8() throws Exception {
		byte[] binary = this.client.key().getEncoded();
		accept(write("client.der", binary), null);
		accept(write("client.pk8", binary), null);
		acceptIfReadByContent(write("client.key", binary));
	}

	@Test
	void anEncryptedBinaryFile() throws Exception {
		Path key = write("client.pk8", ClientKeyForms.encrypted(this.client.key(), "PBEWithSHA1AndDESede"));
		accept(key, ClientKeyForms.PASSWORD);
		refuse(key, "wrong", "cannot be decrypted with sslpassword");
		refuse(key, null, "is encrypted, and sslpassword is missing");
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_25)
	void anEncryptionThatANewerJvmHas() throws Exception {
		accept(write("client.pk8", ClientKeyForms.encryptedByDefault(this.client.key())), ClientKeyForms.PASSWORD);
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_17)
	void anEncryptionThatAnOlderJvmDoesNotHave() throws Exception {
		Path key = write("client.pk8", ClientKeyForms.encryptedByDefault(this.client.key()));
		refuse(key, ClientKeyForms.PASSWORD, "openssl pkcs8 -topk8 -inform DER -v1 PBE-SHA1-3DES -in " + key);
	}

	@Test
	void aPkcs12File() throws Exception {
		Path key = ClientKeyForms.writePkcs12(file("client.p12"), "user", this.client.key(), this.client.certificate());
		accept(key, ClientKeyForms.PASSWORD);
		refuse(key, "wrong", "is not PKCS #12, or sslpassword is wrong");
		refuse(key, null, "sslpassword is missing");
		refuse(ClientKeyForms.writePkcs12(file("client.pfx"), "me", this.client.key(), this.client.certificate()),
				ClientKeyForms.PASSWORD, "openssl pkcs12 -export -name user");
	}

	@Test
	void aPemFileThatIsNotPkcs8() throws Exception {
		for (String name : new String[] { "client.key", "client.pem" }) {
			Path key = write(name, ClientKeyForms.traditionalPem(this.client.key()));
			refuse(key, null,
					"it is PKCS#1 (BEGIN RSA PRIVATE KEY). Convert it with 'openssl pkcs8 -topk8 -nocrypt -in " + key
							+ " -outform DER -out " + key + ".pk8' and name " + key + ".pk8 in sslkey");
			refuse(key, null, "'cockroach cert create-client <user> --also-generate-pkcs8-key' writes "
					+ "client.<user>.key.pk8");
		}
		refuse(write("ec.key", ClientKeyForms.traditionalPem(ClientKeyForms.ecKeys().getPrivate())), null,
				"it is SEC 1 (BEGIN EC PRIVATE KEY)");
		refuse(write("other.key", ClientKeyForms.pem("OPENSSH PRIVATE KEY", "", new byte[40])), null,
				"is a PEM file, but not of a PKCS#8 key");
	}

	@Test
	void anEncryptedPemFile() throws Exception {
		refuse(write("client.key", ClientKeyForms.encryptedPem(this.client.key())), ClientKeyForms.PASSWORD,
				"openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in");
		refuse(write("client.pem", ClientKeyForms.encryptedPem(this.client.key())), ClientKeyForms.PASSWORD,
				"is an encrypted PEM key");
		refuse(write("client.key", ClientKeyForms.traditionalEncryptedPem(this.client.key())), ClientKeyForms.PASSWORD,
				"is an encrypted PEM key");
	}

	@Test
	void aBinaryFileThatIsNotPkcs8() throws Exception {
		refuse(write("client.pk8", ClientKeyForms.traditionalDer(this.client.key())), null,
				"openssl pkcs8 -topk8 -inform DER -nocrypt");
		refuse(write("client.pk8", new byte[] { 1, 2, 3 }), null, "is not a PKCS#8 key");
		refuse(write("client.pk8", new byte[0]), null, "is not a PKCS#8 key");
	}

	@Test
	void aFileWhoseNameSaysOtherwise() throws Exception {
		refuse(write("client.der", ClientKeyForms.pkcs8Pem(this.client.key())), null, "Rename it");
		refuse(write("client.pem", this.client.key().getEncoded()), null, "Rename it");
	}

	@Test
	void aFileWithMoreThanTheKey() throws Exception {
		byte[] certificate = Files.readAllBytes(file("client.crt"));
		String key = new String(ClientKeyForms.pkcs8Pem(this.client.key()));
		refuse(write("client.key", (new String(certificate) + key).getBytes()), null, "contains more than a key");
		accept(write("client.key", (key + new String(certificate)).getBytes()), null);
	}

	@Test
	void aKeyOfAnotherKindThanTheCertificates() throws Exception {
		PrivateKey other = ClientKeyForms.ecKeys().getPrivate();
		refuse(write("client.key", ClientKeyForms.pkcs8Pem(other)), null,
				"that fits the certificate, whose kind is RSA");
	}

	@Test
	void theDriverIsToldThatAPemFileIsNotOfAnRsaKey() throws Exception {
		KeyPair keys = ClientKeyForms.ecKeys();
		Path key = write("ec.key", ClientKeyForms.pkcs8Pem(keys.getPrivate()));
		Path certificate = Files.write(file("ec.crt"),
				ClientKeyForms.pem("CERTIFICATE", "", ClientKeyForms.selfSigned("teller", keys).getEncoded()));
		String url = "postgresql://u@h/d?sslcert=" + certificate + "&sslkey=" + key;
		assertThat(CrdbUrl.parse(url).checkFiles().jdbcUrl()).endsWith("&pemKeyAlgorithm=EC");
		assertThat(new PEMKeyManager(key.toString(), certificate.toString(), "EC").getPrivateKey("user")).isNotNull();
		assertThat(new PEMKeyManager(key.toString(), certificate.toString(), "RSA").getPrivateKey("user")).isNull();
		CrdbUrl told = CrdbUrl.parse(url + "&pemKeyAlgorithm=EC");
		assertThat(told.checkFiles()).isSameAs(told);
		Path binary = write("ec.pk8", keys.getPrivate().getEncoded());
		CrdbUrl ofBinary = CrdbUrl.parse("postgresql://u@h/d?sslcert=" + certificate + "&sslkey=" + binary);
		assertThat(ofBinary.checkFiles()).isSameAs(ofBinary);
	}

	@Test
	void keysOfCockroach(SecureCockroach cockroach) throws Exception {
		String url = cockroach.url("defaultdb", "user=root&sslmode=verify-full&sslrootcert="
				+ cockroach.rootCertificate() + "&sslcert=" + cockroach.clientCertificate() + "&sslkey=");
		assertThatExceptionOfType(InvalidClientKeyException.class)
			.isThrownBy(() -> CrdbUrl.parse(url + cockroach.rsaClientKey()).checkFiles())
			.withMessageContaining("name " + cockroach.clientKey() + " in sslkey");
		CrdbUrl parsed = CrdbUrl.parse(url + cockroach.clientKey()).checkFiles();
		try (Connection connection = DriverManager.getConnection(parsed.jdbcUrl(), parsed.username(), null)) {
			assertThat(ServerInfo.of(connection).isCockroach()).isTrue();
		}
	}

	private void accept(Path key, String password) throws SQLException {
		CrdbUrl url = url(key, password).checkFiles();
		try (Connection connection = connect(url)) {
			assertThat(connection.isValid(5)).isTrue();
		}
	}

	/**
	 * Drivers before 42.7.13 go by the name.
	 */
	private void acceptIfReadByContent(Path key) throws SQLException {
		if (ClassUtils.isPresent("org.postgresql.ssl.Pk8OrPemKeyManager", null)) {
			accept(key, null);
		}
		else {
			refuse(key, null, "Rename it");
		}
	}

	/**
	 * A refusal is right only if the driver could not have connected.
	 */
	private void refuse(Path key, String password, String message) {
		CrdbUrl url = url(key, password);
		assertThatExceptionOfType(InvalidClientKeyException.class).isThrownBy(url::checkFiles)
			.withMessageStartingWith("sslkey of the database URL: the file " + key + " ")
			.withMessageContaining(message)
			.withMessageNotContaining(ClientKeyForms.PASSWORD)
			.satisfies((ex) -> assertThat(ex.getParameter() + "=" + ex.getFile()).isEqualTo("sslkey=" + key));
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(url).close());
	}

	private CrdbUrl url(Path key, String password) {
		return CrdbUrl.parse(this.server.url(TlsPostgres.CERTIFICATE_DATABASE,
				"user=" + PasswordPostgres.USER + "&sslmode=verify-full&sslrootcert=" + file("root.crt") + "&sslcert="
						+ file("client.crt") + "&sslkey=" + key
						+ ((password != null) ? "&sslpassword=" + password : "")));
	}

	private static Connection connect(CrdbUrl url) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", url.username());
		Stream.ofNullable(url.keyPassword()).forEach((password) -> properties.setProperty("sslpassword", password));
		return DriverManager.getConnection(url.jdbcUrl(), properties);
	}

	private Path write(String name, byte[] content) throws Exception {
		return ClientKeyForms.write(file(name), content);
	}

	private Path file(String name) {
		return this.folder.resolve(name);
	}

}
