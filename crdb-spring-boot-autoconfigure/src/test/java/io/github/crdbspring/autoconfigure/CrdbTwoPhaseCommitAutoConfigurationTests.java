package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;
import javax.sql.XADataSource;

import io.github.crdbspring.autoconfigure.datasource.TwoPhaseCommitGuard;
import io.github.crdbspring.autoconfigure.diagnostics.FailingApplication;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.xa.PGXADataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.XADataSourceWrapper;
import org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTwoPhaseCommitAutoConfiguration}.
 */
@ServerTest
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class CrdbTwoPhaseCommitAutoConfigurationTests {

	private static final String UNREACHABLE = "jdbc:postgresql://localhost:1/bank";

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CrdbTwoPhaseCommitAutoConfiguration.class, XADataSourceAutoConfiguration.class));

	@Test
	@RequiresCockroach
	void aBeanIsRefusedOnCockroach(TestDatabase database, CapturedOutput output) {
		CrdbUrl url = CrdbUrl.parse(database.url());
		assertThat(FailingApplication.start(output, XaBean.class, "url=" + url.jdbcUrl(), "user=" + url.username()))
			.contains("An XADataSource is configured for CockroachDB ", "does not support two-phase commit",
					"transactional outbox");
	}

	@Test
	@RequiresCockroach
	void whatSpringBootWrapsIsRefusedOnCockroach(TestDatabase database, CapturedOutput output) {
		CrdbUrl url = CrdbUrl.parse(database.url());
		assertThat(FailingApplication.start(output, XaWrapper.class, "spring.datasource.url=" + url.jdbcUrl(),
				"spring.datasource.username=" + url.username()))
			.contains("does not support two-phase commit", "the JTA transaction manager");
	}

	@Test
	void postgresIsLeftAlone(PasswordPostgres server) {
		String url = "jdbc:" + server.url(PasswordPostgres.DATABASE, "");
		this.runner.withUserConfiguration(XaBean.class, XaWrapper.class)
			.withPropertyValues("url=" + url, "user=" + PasswordPostgres.USER, "secret=" + PasswordPostgres.PASSWORD)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(XADataSource.class).hasSingleBean(DataSource.class);
				assertThat(context.getBean(XaWrapper.Wrapper.class).wrapped())
					.isSameAs(context.getBean(XADataSource.class));
			});
	}

	@Test
	void anUnreachableServerIsNotRefused() {
		this.runner.withUserConfiguration(XaBean.class)
			.withPropertyValues("url=" + UNREACHABLE)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(PGXADataSource.class));
	}

	@Test
	void aWrapperMayBeALambda() {
		this.runner.withBean(XADataSourceWrapper.class, () -> (xaDataSource) -> new DriverManagerDataSource())
			.withPropertyValues("spring.datasource.url=" + UNREACHABLE)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(DataSource.class));
	}

	@Test
	@RequiresCockroach
	void nothingIsCheckedWhereCrdbIsDisabled(TestDatabase database) {
		CrdbUrl url = CrdbUrl.parse(database.url());
		this.runner.withUserConfiguration(XaBean.class)
			.withPropertyValues("crdb.enabled=false", "url=" + url.jdbcUrl(), "user=" + url.username())
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TwoPhaseCommitGuard.class));
	}

	@Test
	void theDriverIsOptional() {
		this.runner.withClassLoader(new FilteredClassLoader("org.postgresql"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("crdbTwoPhaseCommitGuard"));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbTwoPhaseCommitAutoConfiguration.class)
	static class XaBean {

		@Bean
		PGXADataSource xaDataSource(Environment environment) {
			PGXADataSource dataSource = new PGXADataSource();
			dataSource.setUrl(environment.getRequiredProperty("url"));
			dataSource.setUser(environment.getProperty("user"));
			dataSource.setPassword(environment.getProperty("secret"));
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbTwoPhaseCommitAutoConfiguration.class, XADataSourceAutoConfiguration.class })
	static class XaWrapper {

		@Bean
		Wrapper xaDataSourceWrapper() {
			return new Wrapper();
		}

		/**
		 * Notes what it is given.
		 */
		static class Wrapper implements XADataSourceWrapper {

			private XADataSource wrapped;

			@Override
			public DataSource wrapDataSource(XADataSource dataSource) {
				this.wrapped = dataSource;
				return new DriverManagerDataSource();
			}

			XADataSource wrapped() {
				return this.wrapped;
			}

		}

	}

}
