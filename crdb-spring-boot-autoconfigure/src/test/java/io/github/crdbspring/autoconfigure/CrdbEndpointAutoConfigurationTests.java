package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.actuate.CrdbEndpoint;
import io.github.crdbspring.actuate.CrdbEndpoint.CrdbDescriptor;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.github.crdbspring.transaction.statistics.TransactionStatistics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbEndpointAutoConfiguration}.
 */
@DatabaseTest
class CrdbEndpointAutoConfigurationTests {

	private ApplicationContextRunner runner;

	private TestDatabase database;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
							CrdbTransactionAutoConfiguration.class, CrdbEndpointAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.pool-name=tills");
	}

	@Test
	void showsServersPoolsAndTransactions() {
		exposed().run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
			template.executeWithoutResult(CrdbTransactionOptions.builder().name("count").build(),
					(status) -> jdbc.sql("SELECT 1").query(Integer.class).single());
			CrdbDescriptor descriptor = context.getBean(CrdbEndpoint.class).crdb();
			assertThat(descriptor.dataSources()).containsOnlyKeys("dataSource");
			assertThat(descriptor.dataSources().get("dataSource").server())
				.containsEntry("vendor", this.database.serverInfo().vendor())
				.containsEntry("description", this.database.serverInfo().description());
			assertThat(descriptor.dataSources().get("dataSource").pool()).satisfies((pool) -> {
				assertThat(pool.name()).isEqualTo("tills");
				assertThat(pool.maximum()).isEqualTo(2);
				assertThat(pool.total()).isPositive();
				assertThat(pool.active()).isZero();
				assertThat(pool.waiting()).isZero();
			});
			assertThat(descriptor.transactions().get("count").outcomes()).containsEntry(TransactionOutcome.COMMITTED,
					1L);
		});
	}

	@Test
	void showsAServerThatCannotBeReachedAsUnknown() {
		exposed()
			.withPropertyValues("crdb.url=postgresql://root:secret@localhost:1/bank?sslmode=disable",
					"crdb.health.timeout=200ms")
			.run((context) -> {
				CrdbDescriptor descriptor = context.getBean(CrdbEndpoint.class).crdb();
				assertThat(descriptor.dataSources().get("dataSource").server())
					.containsOnly(Map.entry("vendor", "unknown"));
				assertThat(descriptor.toString()).doesNotContain("secret");
			});
	}

	@Test
	void isNotExposedUnlessAskedForAndCountsNothingThen() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(CrdbEndpoint.class)
			.doesNotHaveBean(TransactionStatistics.class));
	}

	@Test
	void canBeSwitchedOff() {
		exposed().withPropertyValues("management.endpoint.crdb.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(CrdbEndpoint.class));
		exposed().withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.run((context) -> assertThat(context).doesNotHaveBean(CrdbEndpoint.class));
	}

	@Test
	void theUsersEndpointWins() {
		exposed().withBean(UsersEndpoint.class)
			.run((context) -> assertThat(context).hasSingleBean(CrdbEndpoint.class).hasSingleBean(UsersEndpoint.class));
	}

	@Test
	void withoutActuatorItBacksOff() {
		exposed().withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("crdbEndpoint"));
	}

	@Test
	void aDataSourceOfAnotherProductIsNotShown() {
		exposed().withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:test"))
			.run((context) -> assertThat(context.getBean(CrdbEndpoint.class).crdb().dataSources()).isEmpty());
	}

	private ApplicationContextRunner exposed() {
		return this.runner.withPropertyValues("management.endpoints.web.exposure.include=crdb");
	}

	/**
	 * An endpoint of the user's own.
	 */
	static class UsersEndpoint extends CrdbEndpoint {

		UsersEndpoint(TransactionStatistics statistics) {
			super(Map.of(), statistics, Duration.ofSeconds(1));
		}

	}

}
