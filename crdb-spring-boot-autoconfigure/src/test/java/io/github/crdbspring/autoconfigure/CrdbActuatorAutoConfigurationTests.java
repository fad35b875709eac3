package io.github.crdbspring.autoconfigure;

import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.actuate.CrdbInfoContributor;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.DriverInfo;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbHealthContributorAutoConfiguration} and
 * {@link CrdbInfoContributorAutoConfiguration}.
 */
@DatabaseTest
class CrdbActuatorAutoConfigurationTests {

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
							CrdbHealthContributorAutoConfiguration.class, CrdbInfoContributorAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "spring.datasource.hikari.connection-timeout=1000",
					"spring.datasource.hikari.maximum-pool-size=1");
	}

	@Test
	void healthAndInfoShowVendorAndVersion() {
		String vendor = this.database.isCockroach() ? "CockroachDB" : "PostgreSQL";
		this.runner.run((context) -> {
			Health health = health(context, "crdbHealthContributor");
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("vendor", vendor).containsEntry("version", expectedVersion());
			assertThat(info(context)).containsEntry("vendor", vendor).containsEntry("version", expectedVersion());
		});
	}

	@Test
	void withoutAServerHealthIsDownAndInfoDoesNotFail() {
		this.runner.withPropertyValues("crdb.url=postgresql://root:secret@localhost:1/bank?sslmode=disable")
			.run((context) -> {
				Health health = health(context, "crdbHealthContributor");
				assertThat(health.getStatus()).isEqualTo(Status.DOWN);
				assertThat(health.getDetails().toString()).doesNotContain("secret");
				assertThat(info(context)).containsEntry("vendor", "unknown").doesNotContainKey("version");
				assertThat(info(context).toString()).doesNotContain("secret");
			});
	}

	@Test
	void infoShowsWhatTheDatabaseIsReachedWith() {
		this.runner.withPropertyValues("spring.datasource.hikari.pool-name=tills").run((context) -> {
			assertThat(info(context)).containsEntry("description", this.database.serverInfo().description())
				.containsEntry("pool", Map.of("name", "tills", "maximum", 1))
				.containsEntry("driver", Map.of("name", DriverInfo.DRIVER_NAME, "version", DriverInfo.DRIVER_VERSION));
			assertThat(((Map<?, ?>) info(context).get("starter")).get("version")).asString()
				.matches("\\d+\\.\\d+\\..+");
			if (this.database.isCockroach()) {
				assertThat(info(context)).containsEntry("versionNumber", this.database.serverInfo().version().toInt());
			}
		});
	}

	@Test
	void aTimeoutThatIsNoneStopsTheStart() {
		this.runner.withPropertyValues("crdb.health.timeout=0s")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("crdb.health.timeout"));
	}

	@Test
	void severalDataSourcesHaveAComponentEach() {
		this.runner.withUserConfiguration(TwoDataSourcesConfiguration.class).run((context) -> {
			CompositeHealthContributor contributor = context.getBean("crdbHealthContributor",
					CompositeHealthContributor.class);
			assertThat(contributor.stream().map((entry) -> entry.name())).containsExactlyInAnyOrder("orders",
					"customers");
			assertThat(info(context)).containsKeys("orders", "customers");
		});
	}

	@Test
	void aDataSourceOfAnotherProductIsUnknown() {
		this.runner.withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:test"))
			.run((context) -> assertThat(health(context, "crdbHealthContributor").getStatus())
				.isEqualTo(Status.UNKNOWN));
	}

	@Test
	void bothCanBeSwitchedOff() {
		this.runner.withPropertyValues("management.health.crdb.enabled=false", "management.info.crdb.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("crdbHealthContributor")
				.doesNotHaveBean(CrdbInfoContributor.class));
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.run((context) -> assertThat(context).doesNotHaveBean("crdbHealthContributor")
				.doesNotHaveBean(CrdbInfoContributor.class));
	}

	@Test
	void theUsersHealthIndicatorWins() {
		HealthIndicator users = () -> Health.up().build();
		this.runner.withBean("crdbHealthIndicator", HealthIndicator.class, () -> users)
			.run((context) -> assertThat(context.getBean(HealthContributor.class)).isSameAs(users));
	}

	@Test
	void withoutActuatorBothBackOff() {
		this.runner.withClassLoader(new FilteredClassLoader(HealthContributor.class, InfoContributor.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("crdbHealthContributor")
				.doesNotHaveBean("crdbInfoContributor"));
	}

	private Object expectedVersion() {
		return this.database.isCockroach() ? this.database.serverInfo().version().toString()
				: this.database.serverInfo().description().replace("PostgreSQL ", "");
	}

	private static Health health(ApplicationContext context, String name) {
		return context.getBean(name, HealthIndicator.class).health();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> info(ApplicationContext context) {
		Info.Builder builder = new Info.Builder();
		context.getBean(CrdbInfoContributor.class).contribute(builder);
		return (Map<String, Object>) builder.build().get("crdb");
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSourcesConfiguration {

		@Bean
		HikariDataSource orders(CrdbProperties properties) {
			return pool(properties);
		}

		@Bean
		HikariDataSource customers(CrdbProperties properties) {
			return pool(properties);
		}

		private static HikariDataSource pool(CrdbProperties properties) {
			CrdbUrl url = CrdbUrl.parse(properties.getUrl());
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(url.jdbcUrl());
			pool.setUsername(url.username());
			return pool;
		}

	}

}
