package io.github.crdbspring.transaction;

import java.sql.BatchUpdateException;
import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for conflicts that arrive wrapped: in a batch, and by a transaction manager that
 * does not translate exceptions.
 */
class BatchTests extends AccountTests {

	private static CrdbDataSource dataSource;

	private final JdbcClient jdbc = JdbcClient.create(dataSource);

	private final JdbcTemplate jdbcTemplate = new JdbcTemplate(dataSource);

	private int attempts;

	private Throwable lastFailure;

	@BeforeAll
	static void createPool(TestDatabase database) {
		dataSource = database.dataSource();
	}

	static Stream<PlatformTransactionManager> transactionManagers() {
		return Stream.of(new JdbcTransactionManager(dataSource), new DataSourceTransactionManager(dataSource));
	}

	@ParameterizedTest
	@MethodSource("transactionManagers")
	void aConflictInABatchIsRetried(PlatformTransactionManager transactionManager) {
		template(transactionManager).executeWithoutResult((status) -> {
			Conflicts.read(this.jdbc, 2);
			if (attempt() == 1) {
				conflicts.lostUpdate(2);
			}
			this.jdbcTemplate.batchUpdate("UPDATE account SET balance = balance + ? WHERE id = ?",
					List.of(new Object[] { 5, 1 }, new Object[] { 7, 2 }));
		});
		assertThat(this.attempts).isEqualTo(2);
		assertThat(this.lastFailure).hasCauseInstanceOf(BatchUpdateException.class);
		assertThat(((BatchUpdateException) this.lastFailure.getCause()).getSQLState()).isEqualTo("40001");
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(conflicts.balance(2)).isEqualTo(1107);
	}

	@ParameterizedTest
	@MethodSource("transactionManagers")
	void anotherErrorInABatchIsNotRetried(PlatformTransactionManager transactionManager) {
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> template(transactionManager).executeWithoutResult((status) -> {
				attempt();
				this.jdbcTemplate.batchUpdate("INSERT INTO account VALUES (?, 0)",
						List.of(new Object[] { 3 }, new Object[] { 1 }));
			}))
			.withCauseInstanceOf(BatchUpdateException.class);
		assertThat(this.attempts).isOne();
	}

	@ParameterizedTest
	@MethodSource("transactionManagers")
	void aConflictAtCommitIsRetried(PlatformTransactionManager transactionManager) {
		template(transactionManager).executeWithoutResult((status) -> {
			Conflicts.read(this.jdbc, 1);
			Runnable write = () -> Conflicts.add(this.jdbc, 2, 5);
			if (attempt() == 1) {
				conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertThat(this.attempts).isEqualTo(2);
		assertThat(this.lastFailure instanceof TransactionSystemException)
			.isEqualTo(!(transactionManager instanceof JdbcTransactionManager));
		assertThat(conflicts.balance(2)).isEqualTo(105);
	}

	private static CrdbTransactionTemplate template(PlatformTransactionManager transactionManager) {
		CrdbTransactionSettings settings = CrdbTransactionSettings.defaults();
		return new CrdbTransactionTemplate(transactionManager, dataSource, CrdbTransactionOptions.none(), settings,
				new Backoff(settings.backoff(), () -> 0, (pause) -> {
				}));
	}

	private int attempt() {
		TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
		this.lastFailure = attempt.lastFailure();
		return ++this.attempts;
	}

}
