package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import io.github.crdbspring.url.InvalidClientKeyException;
import io.github.crdbspring.url.InvalidCrdbUrlException;
import io.github.crdbspring.url.InvalidTlsFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what stops the start-up with {@code crdb.url} and {@code crdb.ssl.bundle},
 * before any connection is opened.
 */
class CrdbUrlWiringTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(SslAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class));

	@TempDir
	private Path folder;

	@Test
	void aMalformedUrlIsNamedWithThePlace() {
		this.runner.withPropertyValues("crdb.url=postgresql://u:s3cr3t@h:x/d")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidCrdbUrlException.class,
						(ex) -> assertThat(ex.getPosition()).isEqualTo(24))
				.hasMessageStartingWith("crdb.url: The database URL is not valid: a port is not a number"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslmode=disable", "sslrootcert=system", "sslrootcert=ca.crt", "sslcert=c", "sslkey=k" })
	void aBundleAndAUrlThatContradictsItAreRefused(String parameter) {
		withBundle().withPropertyValues("crdb.url=postgresql://u@h/d?" + parameter)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidCrdbUrlException.class)
				.hasMessageStartingWith("crdb.url: ")
				.hasMessageContaining("an SSL bundle"));
	}

	@Test
	void aBundleWithoutAUrlIsRefused() {
		this.runner.withPropertyValues("crdb.ssl.bundle=db")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(ex) -> assertThat(ex.getName()).isEqualTo("crdb.ssl.bundle"))
				.hasMessageContaining("crdb.url"));
		this.runner
			.withPropertyValues("crdb.ssl.bundle=db", "crdb.enabled=false",
					"spring.datasource.url=jdbc:postgresql://h/d")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void anUnknownBundleIsRefused() {
		this.runner.withPropertyValues("crdb.url=postgresql://u@h/d", "crdb.ssl.bundle=db")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(NoSuchSslBundleException.class));
	}

	@Test
	void whatSpringBootConfiguresWinsAndTheBundleIsNotUsed() {
		this.runner
			.withPropertyValues("crdb.url=postgresql://u@h/d?sslkey=/nowhere", "crdb.ssl.bundle=unknown",
					"spring.datasource.url=jdbc:postgresql://other/d")
			.run((context) -> assertThat(context.getBean(DataSource.class).unwrap(HikariDataSource.class).getJdbcUrl())
				.isEqualTo("jdbc:postgresql://other/d"));
		this.runner.withPropertyValues("crdb.url=postgresql://u@h/d", "crdb.ssl.bundle=unknown")
			.withBean(HikariDataSource.class, HikariDataSource::new)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void withoutABundleNothingOfItIsNeeded() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=postgresql://u@h/d?sslmode=verify-full")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aMissingFileStopsTheStart() {
		Path file = this.folder.resolve("ca.crt");
		this.runner.withPropertyValues("crdb.url=postgresql://u@h/d?sslmode=verify-full&sslrootcert=" + file)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidTlsFileException.class)
				.hasMessage("sslrootcert of the database URL: the file " + file + " does not exist"));
	}

	@Test
	void aKeyThatTheDriverDoesNotReadStopsTheStart() throws Exception {
		IssuedCertificate client = new CertificateAuthority("tests").issueForClient("u");
		Path certificate = client.writeCertificate(this.folder.resolve("client.u.crt"));
		Path key = client.writeRsaKey(this.folder.resolve("client.u.key"));
		this.runner
			.withPropertyValues(
					"crdb.url=postgresql://u@h/d?sslmode=verify-full&sslcert=" + certificate + "&sslkey=" + key)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidClientKeyException.class)
				.hasMessageContaining("client.u.key.pk8"));
	}

	private ApplicationContextRunner withBundle() {
		Path root = this.folder.resolve("root.crt");
		try {
			new CertificateAuthority("tests").writeCertificate(root);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return this.runner.withPropertyValues("crdb.ssl.bundle=db",
				"spring.ssl.bundle.pem.db.truststore.certificate=" + root);
	}

}
