package io.github.crdbspring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;

import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.sql.DataSource;

import ch.qos.logback.classic.LoggerContext;
import io.github.crdbspring.actuate.CrdbInfoContributor;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TlsPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that credentials are in no log, exception, health or info, with the logs of ours,
 * of the pool and of the driver switched on.
 */
@ServerTest
@ExtendWith(OutputCaptureExtension.class)
class CredentialsInOutputTests {

	private static final String[] SECRETS = { PasswordPostgres.PASSWORD, "s3cr3t" };

	private static final List<String> LOGGERS = List.of("com.zaxxer.hikari", "io.github.crdbspring",
			"org.springframework.jdbc");

	private final Map<String, ch.qos.logback.classic.Level> levels = new HashMap<>();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
				DataSourceAutoConfiguration.class, CrdbHealthContributorAutoConfiguration.class,
				CrdbInfoContributorAutoConfiguration.class))
		.withPropertyValues("spring.datasource.hikari.connection-timeout=1500",
				"spring.datasource.hikari.maximum-pool-size=1");

	private final Logger driverLogger = Logger.getLogger("org.postgresql");

	private final ConsoleHandler driverHandler = new ConsoleHandler();

	@TempDir
	private Path folder;

	/**
	 * Log everything, once the server has been started, which takes a password too.
	 */
	@BeforeEach
	void logEverything(TlsPostgres started) {
		assertThat(started).isNotNull();
		LOGGERS.forEach((name) -> this.levels.put(name, logger(name).getLevel()));
		LOGGERS.forEach((name) -> logger(name).setLevel(ch.qos.logback.classic.Level.TRACE));
		this.driverHandler.setLevel(Level.FINE);
		this.driverLogger.setLevel(Level.FINE);
		this.driverLogger.addHandler(this.driverHandler);
	}

	@AfterEach
	void logAsUsual() {
		this.levels.forEach((name, level) -> logger(name).setLevel(level));
		this.driverLogger.removeHandler(this.driverHandler);
		this.driverLogger.setLevel(null);
	}

	@Test
	void whereAllIsWell(TlsPostgres server, CapturedOutput output) throws Exception {
		String url = server
			.url(TlsPostgres.DATABASE, "sslmode=verify-full&sslrootcert=" + server.writeRootCertificate(this.folder))
			.replace("//", "//" + PasswordPostgres.USER + ":%s@");
		this.runner.withPropertyValues("crdb.url=" + url.replace("%s", PasswordPostgres.PASSWORD))
			.run((context) -> assertUp(context));
		this.runner
			.withPropertyValues("crdb.url=" + url.replace("%s", "s3cr3t"), "crdb.password=" + PasswordPostgres.PASSWORD)
			.run((context) -> assertUp(context));
		assertThat(output).contains("configuration:", "jdbcUrl").doesNotContain(SECRETS);
	}

	@Test
	void whereTheKeyHasAPassword(TlsPostgres server, CapturedOutput output) throws Exception {
		IssuedCertificate client = server.authority().issueForClient(PasswordPostgres.USER);
		Path certificate = client.writeCertificate(this.folder.resolve("client.crt"));
		Path key = Files.write(client.writeBinaryKey(this.folder.resolve("client.pk8")), encrypt(client, "s3cr3t"));
		this.runner.withPropertyValues("crdb.url=" + server.url(TlsPostgres.CERTIFICATE_DATABASE,
				"user=" + PasswordPostgres.USER + "&sslmode=verify-full&sslrootcert="
						+ server.writeRootCertificate(this.folder) + "&sslcert=" + certificate + "&sslkey=" + key
						+ "&sslpassword=s3cr3t"))
			.run((context) -> {
				assertUp(context);
				assertThat(context.getBean(JdbcConnectionDetails.class).getJdbcUrl()).doesNotContain("s3cr3t");
			});
		assertThat(output).contains("configuration:", "jdbcUrl").doesNotContain(SECRETS);
	}

	@Test
	void whereThePasswordIsWrong(TlsPostgres server, CapturedOutput output) throws Exception {
		this.runner
			.withPropertyValues("crdb.url="
					+ server.url(TlsPostgres.DATABASE, "user=" + PasswordPostgres.USER + "&password=s3cr3t"))
			.run((context) -> {
				HealthIndicator health = context.getBean("crdbHealthContributor", HealthIndicator.class);
				assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
				assertThat(health.health().toString() + info(context)).doesNotContain(SECRETS);
				assertThat(failureOfConnecting(context)).isNotNull();
			});
		assertThat(output).contains("jdbcUrl").doesNotContain(SECRETS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://u:s3cr3t@h:x/d", "postgresql://u:s3cr3t@h/d?sslmode=s3cr3t",
			"postgresql://u:1/s3cr3t@h/d", "postgresql://u:1?s3cr3t=x@h/d", "postgresql://u:s3cr3t%@h/d",
			"postgresql://u:p@h/d?sslpass=s3cr3t", "postgresql://u:s3cr3t%E4@h/d",
			"postgresql://u@h/d?sslcert=/nowhere&sslkey=/nowhere&sslpassword=s3cr3t",
			"jdbc:postgresql://h/d?user=u&password=s3cr3t&password=x" })
	void whereTheUrlIsWrong(String url, CapturedOutput output) {
		this.runner.withPropertyValues("crdb.url=" + url).run((context) -> {
			assertThat(context).hasFailed();
			assertNoSecrets(context.getStartupFailure());
		});
		assertThat(output).doesNotContain(SECRETS);
	}

	private static void assertUp(ApplicationContext context) {
		HealthIndicator health = context.getBean("crdbHealthContributor", HealthIndicator.class);
		assertThat(health.health().getStatus()).isEqualTo(Status.UP);
		assertThat(health.health().toString() + info(context)).doesNotContain(SECRETS);
		assertThat(context.getBean(DataSource.class).toString()).doesNotContain(SECRETS);
	}

	private static String info(ApplicationContext context) {
		Info.Builder builder = new Info.Builder();
		context.getBean(CrdbInfoContributor.class).contribute(builder);
		return builder.build().toString();
	}

	private static Throwable failureOfConnecting(ApplicationContext context) {
		try {
			JdbcClient.create(context.getBean(DataSource.class)).sql("SELECT 1").query().singleValue();
			return null;
		}
		catch (RuntimeException ex) {
			assertNoSecrets(ex);
			return ex;
		}
	}

	private static void assertNoSecrets(Throwable failure) {
		for (Throwable ex = failure; ex != null; ex = ex.getCause()) {
			assertThat(String.valueOf(ex.getMessage())).doesNotContain(SECRETS);
		}
	}

	private static byte[] encrypt(IssuedCertificate client, String password) throws Exception {
		String algorithm = "PBEWithSHA1AndDESede";
		Cipher cipher = Cipher.getInstance(algorithm);
		cipher.init(Cipher.ENCRYPT_MODE,
				SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray())));
		return new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(client.key().getEncoded()))
			.getEncoded();
	}

	private static ch.qos.logback.classic.Logger logger(String name) {
		return ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(name);
	}

}
