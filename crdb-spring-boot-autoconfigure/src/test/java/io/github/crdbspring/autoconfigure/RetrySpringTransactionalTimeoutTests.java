package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the timeout of methods of Spring's own {@code @Transactional}.
 */
@DatabaseTest
class RetrySpringTransactionalTimeoutTests {

	@Test
	void aMethodThatOutlastsTheTimeoutIsRolledBackAndNotCommittedLate(TestDatabase database) {
		database.jdbc().sql("CREATE TABLE item (id INT PRIMARY KEY)").update();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "crdb.transaction.timeout=200ms",
					"crdb.transaction.retry-spring-transactional=true", "spring.datasource.hikari.maximum-pool-size=1")
			.withBean(SlowService.class)
			.run((context) -> assertThatExceptionOfType(TransactionDeadlineExceededException.class)
				.isThrownBy(() -> context.getBean(SlowService.class).insertAndOutlast(Duration.ofMillis(200))));
		assertThat(database.jdbc().sql("SELECT count(*) FROM item").query(Integer.class).single()).isZero();
	}

	/**
	 * A service that takes its time.
	 */
	static class SlowService {

		private final JdbcClient jdbc;

		SlowService(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		void insertAndOutlast(Duration timeout) {
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
			while (TransactionAttempt.current().orElseThrow().elapsed().compareTo(timeout) <= 0) {
				LockSupport.parkNanos(1_000_000);
			}
		}

	}

}
