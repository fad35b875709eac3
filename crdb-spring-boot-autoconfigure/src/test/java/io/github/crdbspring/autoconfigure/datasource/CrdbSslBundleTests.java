package io.github.crdbspring.autoconfigure.datasource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertPathBuilderException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLHandshakeException;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.SecureCockroach;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TlsPostgres;
import io.github.crdbspring.url.CrdbSslSocketFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;
import org.postgresql.util.PSQLException;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@code crdb.ssl.bundle} on servers with TLS.
 */
@ServerTest
class CrdbSslBundleTests {

	private static final String CREDENTIALS = "user=" + PasswordPostgres.USER + "&password="
			+ PasswordPostgres.PASSWORD;

	@TempDir
	private Path folder;

	private TlsPostgres server;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TlsPostgres tlsPostgres) throws Exception {
		this.server = tlsPostgres;
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
					DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + tlsPostgres.url(TlsPostgres.DATABASE, CREDENTIALS), "crdb.ssl.bundle=db",
					"spring.ssl.bundle.pem.db.truststore.certificate=" + tlsPostgres.writeRootCertificate(this.folder),
					"spring.datasource.hikari.initialization-fail-timeout=-1",
					"spring.datasource.hikari.connection-timeout=2000");
	}

	@Test
	void theServerIsVerifiedAgainstTheBundle() {
		this.runner.run((context) -> assertThat(tls(context)).isEqualTo("TLSv1.3"));
	}

	@Test
	void theOptionsOfTheBundleHold() {
		this.runner
			.withPropertyValues("spring.ssl.bundle.pem.db.options.enabled-protocols=TLSv1.2",
					"spring.ssl.bundle.pem.db.options.ciphers=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
			.run((context) -> {
				assertThat(tls(context)).isEqualTo("TLSv1.2");
				assertThat(query(context, "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
					.isEqualTo("ECDHE-RSA-AES128-GCM-SHA256");
			});
	}

	@Test
	void theClientCertificateOfTheBundleIsPresented() throws Exception {
		IssuedCertificate client = this.server.authority().issueForClient(PasswordPostgres.USER);
		this.runner
			.withPropertyValues(
					"crdb.url=" + this.server.url(TlsPostgres.CERTIFICATE_DATABASE, "user=" + PasswordPostgres.USER),
					"spring.ssl.bundle.pem.db.keystore.certificate="
							+ client.writeCertificate(this.folder.resolve("client.crt")),
					// A bundle may have a key that the driver does not read
					"spring.ssl.bundle.pem.db.keystore.private-key="
							+ client.writeRsaKey(this.folder.resolve("client.key")))
			.run((context) -> assertThat(query(context, "SELECT current_user")).isEqualTo(PasswordPostgres.USER));
	}

	@Test
	void aServerOfAnotherAuthorityIsRefused() throws Exception {
		Path other = new CertificateAuthority("other").writeCertificate(this.folder.resolve("other.crt"));
		this.runner.withPropertyValues("spring.ssl.bundle.pem.db.truststore.certificate=" + other)
			.run((context) -> assertThatException().isThrownBy(() -> tls(context))
				.havingRootCause()
				.isInstanceOf(CertPathBuilderException.class));
	}

	@Test
	void aServerOfAnotherNameIsRefusedUnlessTheUrlSaysOtherwise() {
		String url = "crdb.url=" + this.server.url(TlsPostgres.DATABASE, CREDENTIALS).replace("localhost", "127.0.0.1");
		this.runner.withPropertyValues(url)
			.run((context) -> assertThatException().isThrownBy(() -> tls(context))
				.havingRootCause()
				.isInstanceOf(PSQLException.class)
				.withMessageContaining("127.0.0.1"));
		this.runner.withPropertyValues(url + "&sslmode=verify-ca")
			.run((context) -> assertThat(tls(context)).isEqualTo("TLSv1.3"));
	}

	@Test
	void aBundleThatIsReloadedIsUsedFromThenOn() throws Exception {
		Path other = new CertificateAuthority("other").writeCertificate(this.folder.resolve("other.crt"));
		this.runner
			.withPropertyValues("spring.ssl.bundle.pem.good.truststore.certificate=" + this.folder.resolve("root.crt"),
					"spring.ssl.bundle.pem.db.truststore.certificate=" + other)
			.run((context) -> {
				assertThatException().isThrownBy(() -> tls(context))
					.withRootCauseInstanceOf(CertPathBuilderException.class);
				DefaultSslBundleRegistry bundles = context.getBean(DefaultSslBundleRegistry.class);
				bundles.updateBundle("db", bundles.getBundle("good"));
				assertThat(tls(context)).isEqualTo("TLSv1.3");
			});
	}

	/**
	 * Replaced by one that the server refuses, which shows that it is read.
	 */
	@Test
	void aClientCertificateThatIsReplacedOnDiskIsUsedForNewConnections() throws Exception {
		Path certificate = this.folder.resolve("client.crt");
		Path key = this.folder.resolve("client.pem");
		replace(certificate, key, PasswordPostgres.USER);
		this.runner.withPropertyValues("crdb.ssl.bundle=", "crdb.url=" + this.server.url(
				TlsPostgres.CERTIFICATE_DATABASE,
				"user=" + PasswordPostgres.USER + "&sslmode=verify-full&sslrootcert="
						+ this.server.writeRootCertificate(this.folder) + "&sslcert=" + certificate + "&sslkey=" + key))
			.run((context) -> {
				assertThat(query(context, "SELECT current_user")).isEqualTo(PasswordPostgres.USER);
				replace(certificate, key, "other");
				assertRefusedFromNowOn(context);
			});
	}

	@Test
	void aBundleIsReloadedWhenItsFilesAreReplacedOnDisk() throws Exception {
		Path certificate = this.folder.resolve("client.crt");
		Path key = this.folder.resolve("client.pem");
		replace(certificate, key, PasswordPostgres.USER);
		this.runner
			.withPropertyValues(
					"crdb.url=" + this.server.url(TlsPostgres.CERTIFICATE_DATABASE, "user=" + PasswordPostgres.USER),
					"spring.ssl.bundle.watch.file.quiet-period=100ms", "spring.ssl.bundle.pem.db.reload-on-update=true",
					"spring.ssl.bundle.pem.db.keystore.certificate=" + certificate.toUri(),
					"spring.ssl.bundle.pem.db.keystore.private-key=" + key.toUri())
			.run((context) -> {
				CountDownLatch reloaded = new CountDownLatch(1);
				context.getBean(DefaultSslBundleRegistry.class)
					.addBundleUpdateHandler("db", (bundle) -> reloaded.countDown());
				assertThat(query(context, "SELECT current_user")).isEqualTo(PasswordPostgres.USER);
				replace(certificate, key, "other");
				assertThat(reloaded.await(30, TimeUnit.SECONDS)).isTrue();
				assertRefusedFromNowOn(context);
			});
	}

	private void replace(Path certificate, Path key, String user) throws IOException {
		IssuedCertificate issued = this.server.authority().issueForClient(user);
		Path newKey = issued.writeKey(this.folder.resolve("new.pem"));
		Path newCertificate = issued.writeCertificate(this.folder.resolve("new.crt"));
		Files.move(newKey, key, StandardCopyOption.REPLACE_EXISTING);
		Files.move(newCertificate, certificate, StandardCopyOption.REPLACE_EXISTING);
	}

	/**
	 * The pool may have been about to open a connection with the former certificate, and
	 * have it after the eviction.
	 */
	private static void assertRefusedFromNowOn(ApplicationContext context) throws SQLException {
		HikariDataSource pool = context.getBean(DataSource.class).unwrap(HikariDataSource.class);
		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
			pool.getHikariPoolMXBean().softEvictConnections();
			assertThatException().isThrownBy(() -> query(context, "SELECT current_user"))
				.withStackTraceContaining("certificate authentication failed");
		});
	}

	@Test
	void nothingIsLeftWhenTheContextIsClosed() {
		AtomicReference<Properties> properties = new AtomicReference<>();
		this.runner.run((context) -> {
			properties.set(Driver.parseURL(context.getBean(JdbcConnectionDetails.class).getJdbcUrl(), null));
			assertThat(new CrdbSslSocketFactory(properties.get())).isNotNull();
		});
		assertThatIllegalStateException().isThrownBy(() -> new CrdbSslSocketFactory(properties.get()));
	}

	@Test
	void theRootOfCockroachWithACertificateOfTheBundle(SecureCockroach cockroach) {
		this.runner
			.withPropertyValues("crdb.url=" + cockroach.url("defaultdb", "user=root"),
					"spring.ssl.bundle.pem.db.truststore.certificate=" + cockroach.rootCertificate(),
					"spring.ssl.bundle.pem.db.keystore.certificate=" + cockroach.clientCertificate(),
					"spring.ssl.bundle.pem.db.keystore.private-key=" + cockroach.rsaClientKey())
			.run((context) -> {
				assertThat(query(context, "SELECT current_user()")).isEqualTo("root");
				assertThat(context.getBean(DataSource.class).unwrap(CrdbDataSource.class).getServerInfo().isCockroach())
					.isTrue();
			});
	}

	@Test
	void theNameOfCockroachIsVerifiedToo(SecureCockroach cockroach) {
		this.runner
			.withPropertyValues(
					"crdb.url=" + cockroach
						.url("defaultdb", "user=" + SecureCockroach.USER + "&password=" + SecureCockroach.PASSWORD)
						.replace("localhost", "127.0.0.1"),
					"spring.ssl.bundle.pem.db.truststore.certificate=" + cockroach.rootCertificate())
			.run((context) -> assertThatException().isThrownBy(() -> query(context, "SELECT 1"))
				.havingRootCause()
				.isInstanceOf(PSQLException.class)
				.withMessageContaining("127.0.0.1"));
	}

	@Test
	void theTrustStoreOfTheJvmDoesNotKnowAnAuthorityOfOnesOwn() {
		this.runner
			.withPropertyValues("crdb.ssl.bundle=",
					"crdb.url=" + this.server.url(TlsPostgres.DATABASE, CREDENTIALS + "&sslrootcert=system"))
			.run((context) -> assertThatException().isThrownBy(() -> tls(context))
				.satisfies((ex) -> assertThat(ex).hasStackTraceContaining(SSLHandshakeException.class.getName())));
	}

	private static String tls(ApplicationContext context) {
		return query(context, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
	}

	private static String query(ApplicationContext context, String sql) {
		return JdbcClient.create(context.getBean(DataSource.class)).sql(sql).query(String.class).single();
	}

}
