package io.github.crdbspring.test;

import java.time.Duration;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTestAutoConfiguration} and {@link TestDatabaseAutoConfiguration}.
 */
@CrdbTestDatabase
class CrdbTestAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(CrdbTestAutoConfiguration.class, TestDatabaseAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class));

	@Test
	void nothingFailsByDefault(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url()).run((context) -> {
			run(context.getBean(CrdbTransactionTemplate.class), context.getBean(JdbcTemplate.class));
			assertThat(context.getBean(TransactionAttempts.class)).transaction("test").hasAttempts(1);
		});
	}

	@Test
	void aPropertyMakesTransactionsFail(TestDatabase database) {
		this.runner
			.withPropertyValues("crdb.url=" + database.url(), "crdb.test.inject-retries.enabled=true",
					"crdb.test.inject-retries.times=2", "crdb.test.inject-retries.at=statement",
					"crdb.test.inject-retries.statement=SELECT", "crdb.test.inject-retries.transaction=te*")
			.run((context) -> {
				run(context.getBean(CrdbTransactionTemplate.class), context.getBean(JdbcTemplate.class));
				assertThat(context.getBean(TransactionAttempts.class)).transaction("test")
					.hasAttempts(3)
					.failedWith("40001");
			});
	}

	@Test
	@Timeout(60)
	void pausesAreNotedAndNotSlept(TestDatabase database) {
		this.runner
			.withPropertyValues("crdb.url=" + database.url(), "crdb.test.inject-retries.enabled=true",
					"crdb.transaction.backoff.initial-interval=10m", "crdb.transaction.backoff.max-interval=10m",
					"crdb.transaction.backoff.jitter=0", "crdb.transaction.contention.enabled=false")
			.run((context) -> {
				run(context.getBean(CrdbTransactionTemplate.class), context.getBean(JdbcTemplate.class));
				assertThat(context.getBean(TransactionAttempts.class)).transaction("test")
					.hasAttempts(2)
					.pausedBetween(Duration.ofMinutes(10), Duration.ofMinutes(10));
			});
	}

	@Test
	void badPropertiesAreRefused(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url(), "crdb.test.inject-retries.times=-1")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessage("'crdb.test.inject-retries.times' must be the number of attempts that fail, 0 for none, "
						+ "but is -1"));
	}

	@Test
	void aDataSourceBehindAnotherTakesInjectionsToo(TestDatabase database) {
		this.runner.withPropertyValues("crdb.test.inject-retries.enabled=true")
			.withBean(DataSource.class, () -> new LazyConnectionDataSourceProxy(database.pool(2)))
			.run((context) -> {
				run(context.getBean(CrdbTransactionTemplate.class), context.getBean(JdbcTemplate.class));
				assertThat(context.getBean(TransactionAttempts.class)).transaction("test").hasAttempts(2);
			});
	}

	@Test
	void aGuardedDataSourceOfTheUsersTakesInjectionsToo(TestDatabase database) {
		this.runner.withPropertyValues("crdb.test.inject-retries.enabled=true")
			.withBean(DataSource.class, () -> new CrdbDataSource(database.pool(2)))
			.run((context) -> {
				run(context.getBean(CrdbTransactionTemplate.class), context.getBean(JdbcTemplate.class));
				assertThat(context.getBean(TransactionAttempts.class)).transaction("test").hasAttempts(2);
			});
	}

	@Test
	void theUsersOwnAttemptsWin(TestDatabase database) {
		TransactionAttempts own = new TransactionAttempts();
		this.runner.withPropertyValues("crdb.url=" + database.url())
			.withBean(TransactionAttempts.class, () -> own)
			.run((context) -> assertThat(context.getBean(TransactionAttempts.class)).isSameAs(own));
	}

	@Test
	void theDatabaseOfTheTestWinsOverProperties() {
		this.runner
			.withPropertyValues("crdb.test.database.enabled=true", "crdb.url=postgresql://elsewhere.example.com/bank",
					"spring.datasource.url=jdbc:postgresql://elsewhere.example.com/bank")
			.run((context) -> assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT 1", Integer.class))
				.isOne());
	}

	@Test
	void aServiceConnectionWinsOverTheDatabaseOfTheTest() {
		JdbcConnectionDetails details = new ContainerConnectionDetails();
		this.runner.withPropertyValues("crdb.test.database.enabled=true")
			.withBean(JdbcConnectionDetails.class, () -> details)
			.run((context) -> assertThat(context).getBean(JdbcConnectionDetails.class).isSameAs(details));
	}

	@Test
	void isOffTogetherWithTheLibrary() {
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost/none")
			.run((context) -> assertThat(context).doesNotHaveBean(RetryInjection.class)
				.doesNotHaveBean(TransactionAttempts.class));
	}

	private static void run(CrdbTransactionTemplate template, JdbcTemplate jdbcTemplate) {
		template.executeWithoutResult(Kit.named("test"), (status) -> jdbcTemplate.execute("SELECT 1"));
	}

	/**
	 * As a container has them.
	 */
	private static final class ContainerConnectionDetails implements JdbcConnectionDetails {

		@Override
		public String getJdbcUrl() {
			return "jdbc:postgresql://localhost/container";
		}

		@Override
		public String getUsername() {
			return "container";
		}

		@Override
		public String getPassword() {
			return "";
		}

	}

}
