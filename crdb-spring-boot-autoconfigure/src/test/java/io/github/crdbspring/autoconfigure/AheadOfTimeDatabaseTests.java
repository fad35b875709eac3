package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionPriority;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.Driver;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions of an application that was processed ahead of time.
 */
@DatabaseTest
@ExtendWith(AheadOfTimeDatabaseTests.DriverRegistration.class)
@CompileWithForkedClassLoader
class AheadOfTimeDatabaseTests {

	private static TestDatabase database;

	@BeforeAll
	static void createDatabase(TestDatabase created) {
		database = created;
	}

	@Test
	void transactionsAreRetriedAndHaveTheirOptions() {
		AheadOfTime.build(Application.class).run((context) -> {
			Reports reports = context.getBean(Reports.class);
			assertThat(reports.failOnce()).containsExactly(1, 2);
			if (database.isCockroach()) {
				assertThat(reports.priority()).isEqualTo("high");
				assertThat(reports.secondsBehind(Duration.ofSeconds(10))).isBetween(10.0, 60.0);
			}
			else {
				assertThatExceptionOfType(UnsupportedTransactionOptionException.class).isThrownBy(reports::priority);
				assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
					.isThrownBy(() -> reports.secondsBehind(Duration.ofSeconds(10)));
			}
		}, "crdb.url=" + database.url());
	}

	@Configuration(proxyBeanMethods = false)
	@Import(AheadOfTimeTests.Application.class)
	@ImportAutoConfiguration({ JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class })
	static class Application {

		@Bean
		Reports reports(JdbcClient jdbcClient) {
			return new Reports(jdbcClient);
		}

	}

	static class Reports {

		private final JdbcClient jdbcClient;

		private final List<Integer> attempts = new ArrayList<>();

		Reports(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
		}

		@CrdbTransactional
		List<Integer> failOnce() {
			this.jdbcClient.sql("SELECT 1").query(Integer.class).single();
			this.attempts.add(TransactionAttempt.current().orElseThrow().number());
			if (this.attempts.size() == 1) {
				throw new CannotAcquireLockException("once", new SQLException("once", "40001"));
			}
			return this.attempts;
		}

		@CrdbTransactional(priority = TransactionPriority.HIGH)
		String priority() {
			return this.jdbcClient.sql("SHOW TRANSACTION PRIORITY").query(String.class).single();
		}

		@CrdbTransactional(systemTime = "#age")
		double secondsBehind(Duration age) {
			return this.jdbcClient.sql(
					"SELECT extract(epoch FROM clock_timestamp())::DECIMAL - cluster_logical_timestamp() / 1e9::DECIMAL")
				.query(Double.class)
				.single();
		}

	}

	/**
	 * Makes the driver known to the DriverManager, which has looked for drivers before
	 * there was a forked class loader.
	 */
	static class DriverRegistration implements BeforeAllCallback {

		@Override
		public void beforeAll(ExtensionContext context) throws SQLException {
			if (!Driver.isRegistered()) {
				Driver.register();
			}
		}

	}

}
