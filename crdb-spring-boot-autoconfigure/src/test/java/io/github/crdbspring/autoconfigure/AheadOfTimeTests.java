package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.annotation.RetryingTransactionalAdvisor;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for applications that are processed ahead of time, on the JVM. Nothing listens
 * where the URLs point to.
 */
@CompileWithForkedClassLoader
class AheadOfTimeTests {

	private static final String URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank?sslmode=disable";

	private static final String OTHER_URL = "spring.datasource.url=jdbc:postgresql://other:26257/shop";

	@Test
	void theUrlIsThatOfTheRunTime() {
		AheadOfTime application = AheadOfTime.build(Application.class);
		application.run((context) -> {
			assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
			assertThat(pool(context).getJdbcUrl()).isEqualTo("jdbc:postgresql://localhost:1/bank?sslmode=disable");
			assertThat(pool(context).getUsername()).isEqualTo("maxroach");
			assertThat(pool(context).getMaximumPoolSize()).isEqualTo(3);
			assertThat(pool(context).getMaxLifetime()).isEqualTo(Duration.ofMinutes(5).toMillis());
			assertThat(context.getBean(CrdbTransactionTemplate.class)).isNotNull();
		}, URL, "spring.datasource.hikari.maximum-pool-size=3");
		application.run((context) -> assertOther(pool(context)), OTHER_URL);
		application.run((context) -> assertOther(pool(context)), OTHER_URL, URL);
	}

	@Test
	void theUrlOfTheBuildIsNotBuiltIn() {
		AheadOfTime application = AheadOfTime.build(Application.class, URL);
		application.run((context) -> assertOther(pool(context)), OTHER_URL);
		application.run((context) -> assertOther(pool(context)), "crdb.url=postgresql://other:26257/shop");
		application.run((context) -> assertThat(context.getBeansOfType(CrdbDataSource.class)).isEmpty());
	}

	@Test
	void springBootsUrlOfTheBuildIsNotBuiltIn() {
		AheadOfTime.build(Application.class, "spring.datasource.url=jdbc:postgresql://build:1/time")
			.run((context) -> assertOther(pool(context)), "crdb.url=postgresql://other:26257/shop");
	}

	@Test
	void connectionDetailsOfTheUsersStay() {
		AheadOfTime.build(OwnDetails.class).run((context) -> assertOther(pool(context)), URL);
	}

	@Test
	void aDataSourceOfTheUsersStays() {
		AheadOfTime.build(OwnDataSource.class).run((context) -> {
			assertOther(pool(context));
			assertThat(context.getBeanNamesForType(JdbcConnectionDetails.class)).isEmpty();
		}, URL);
	}

	@Test
	void annotatedBeansAreAdvisedAndTheirPlaceholdersAreThoseOfTheRunTime() {
		AheadOfTime application = AheadOfTime.build(AnnotatedApplication.class);
		application.run((context) -> assertThat(AopUtils.isCglibProxy(context.getBean(Service.class))).isTrue(), URL,
				"bank.timeout=2s");
		assertThat(application.fail(URL)).hasStackTraceContaining("Could not resolve placeholder 'bank.timeout'");
		assertThat(application.fail(URL, "bank.timeout=soon"))
			.hasStackTraceContaining("timeout 'soon' is not a duration");
	}

	@Test
	void decisionsOfTheBuildCannotBeChanged() {
		AheadOfTime application = AheadOfTime.build(Application.class, "crdb.pool-defaults=false");
		application.run((context) -> assertThat(pool(context).getMaximumPoolSize()).isEqualTo(10), URL,
				"crdb.pool-defaults=false");
		assertBuiltWith(application, "crdb.pool-defaults", true);
		assertBuiltWith(application, "crdb.enabled", false);
		assertBuiltWith(application, "crdb.require-cockroachdb", true);
		assertBuiltWith(application, "crdb.schema-check", true);
		assertBuiltWith(application, "crdb.transaction.retry-spring-transactional", true);
	}

	private static void assertBuiltWith(AheadOfTime application, String property, boolean value) {
		assertThat(application.fail(URL, "crdb.pool-defaults=false", property + "=" + value))
			.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
				assertThat(failure.getName()).isEqualTo(property);
				assertThat(failure.getReason()).contains("It was " + !value + " when");
			});
	}

	@Test
	void decisionsOfTheBuildThatAreNotTheDefaultHaveToBeRepeated() {
		AheadOfTime application = AheadOfTime.build(Application.class,
				"crdb.transaction.retry-spring-transactional=true");
		application.run((context) -> assertThat(context.getBeansOfType(RetryingTransactionalAdvisor.class)).hasSize(1),
				URL, "crdb.transaction.retry-spring-transactional=true");
		assertThat(application.fail(URL)).hasMessageContaining("retry-spring-transactional");
	}

	@Test
	void whetherReadOnlyTransactionsHaveAPoolOfTheirOwnIsDecidedByTheBuild() {
		String readOnlyUrl = "crdb.read-only.url=postgresql://standby:26257/shop";
		AheadOfTime without = AheadOfTime.build(ReadOnlyApplication.class);
		assertThat(without.fail(URL, "crdb.read-only.enabled=true")).hasMessageContaining("crdb.read-only.enabled");
		assertThat(without.fail(URL, readOnlyUrl)).hasMessageContaining("crdb.read-only.enabled");
		without.run((context) -> assertThat(context.containsBean(CrdbReadOnlyAutoConfiguration.POOL)).isFalse(), URL);
	}

	@Test
	void theUrlOfThePoolForReadOnlyTransactionsIsThatOfTheRunTime() {
		AheadOfTime with = AheadOfTime.build(ReadOnlyApplication.class,
				"crdb.read-only.url=postgresql://build:26257/time");
		with.run((context) -> {
			CrdbDataSource pool = context.getBean(CrdbReadOnlyAutoConfiguration.POOL, CrdbDataSource.class);
			assertThat(((HikariDataSource) pool.getTargetDataSource()).getJdbcUrl()).contains("//standby:26257/shop");
		}, URL, "crdb.read-only.url=postgresql://standby:26257/shop");
		assertThat(with.fail(URL)).isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
				(failure) -> assertThat(failure.getReason()).contains("It was true"));
	}

	private static void assertOther(HikariDataSource pool) {
		assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://other:26257/shop");
	}

	private static HikariDataSource pool(GenericApplicationContext context) {
		return (HikariDataSource) context.getBean(CrdbDataSource.class).getTargetDataSource();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbSchemaCheckAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			TransactionAutoConfiguration.class, CrdbTransactionAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbReadOnlyAutoConfiguration.class,
			DataSourceAutoConfiguration.class })
	static class ReadOnlyApplication {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@ImportAutoConfiguration(PropertyPlaceholderAutoConfiguration.class)
	static class AnnotatedApplication {

		@Bean
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class OwnDetails {

		@Bean
		JdbcConnectionDetails ownDetails() {
			return new JdbcConnectionDetails() {

				@Override
				public String getUsername() {
					return "owner";
				}

				@Override
				public String getPassword() {
					return "";
				}

				@Override
				public String getJdbcUrl() {
					return "jdbc:postgresql://other:26257/shop";
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class OwnDataSource {

		@Bean
		DataSource ownDataSource() {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl("jdbc:postgresql://other:26257/shop");
			return pool;
		}

	}

	static class Service {

		@CrdbTransactional(timeout = "${bank.timeout}")
		void transfer() {
		}

	}

}
