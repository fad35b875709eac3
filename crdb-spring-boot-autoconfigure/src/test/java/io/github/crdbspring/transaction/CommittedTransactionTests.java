package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.error.CommittedTransactionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.InterceptedDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CommittedTransactionException}: the transaction is committed, and what
 * failed belongs to its commit.
 */
class CommittedTransactionTests extends AccountTests {

	private static final CrdbTransactionOptions TRANSFER = CrdbTransactionOptions.builder()
		.name("transfer")
		.idempotent(true)
		.build();

	@Test
	void aCommitWhoseErrorSaysThatItTookEffectIsToldWithItsReason() {
		TransactionFixture fixture = new TransactionFixture(
				new CrdbDataSource(new InterceptedDataSource(database.pool(2), (call) -> {
					Object result = call.proceed();
					if (call.is("commit")) {
						throw new SQLException("transaction committed but schema change aborted", "XXA00");
					}
					return result;
				})));
		assertThatExceptionOfType(CommittedTransactionException.class)
			.isThrownBy(() -> fixture.template().executeWithoutResult(TRANSFER, (status) -> {
				fixture.attempt();
				Conflicts.add(fixture.jdbc, 1, 5);
			}))
			.withMessageContaining("'transfer'")
			.withStackTraceContaining("schema change aborted");
		verifyCommitted(fixture);
	}

	@ParameterizedTest
	@MethodSource("failures")
	void aTransactionManagerThatFailsAfterTheCommitIsToldWithItsReason(RuntimeException failure) {
		TransactionFixture fixture = new TransactionFixture(database.dataSource());
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(
				new FailingTransactionManager(fixture.dataSource, failure), fixture.dataSource,
				CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder().listeners(List.of(fixture.listener)).build());
		assertThatExceptionOfType(CommittedTransactionException.class)
			.isThrownBy(() -> template.executeWithoutResult(TRANSFER, (status) -> {
				fixture.attempt();
				Conflicts.add(fixture.jdbc, 1, 5);
			}))
			.withMessageContaining("'transfer'")
			.satisfies((ex) -> assertThat(ex).hasCause(failure));
		verifyCommitted(fixture);
	}

	static Stream<RuntimeException> failures() {
		return Stream.of(new IllegalStateException("cache"),
				new CannotAcquireLockException("cache", new SQLException("restart transaction", "40001")),
				new IllegalStateException("cache", new SQLException("gone", "08006")));
	}

	@Test
	void aCallbackThatFailsAfterTheCommitIsTheUsersOwn() {
		TransactionFixture fixture = new TransactionFixture(database.dataSource());
		IllegalStateException failure = new IllegalStateException("mail server", new SQLException("gone", "08006"));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> fixture.template().executeWithoutResult(TRANSFER, (status) -> {
				fixture.attempt();
				Conflicts.add(fixture.jdbc, 1, 5);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
					@Override
					public void afterCommit() {
						throw failure;
					}
				});
			}))
			.isSameAs(failure);
		verifyCommitted(fixture);
	}

	@Test
	void insideATransactionOfAnotherDataSourceItDoesNotRunThatAgain() {
		TransactionFixture fixture = new TransactionFixture(database.dataSource());
		TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1)));
		CannotAcquireLockException failure = new CannotAcquireLockException("cache",
				new SQLException("restart transaction", "40001"));
		CrdbTransactionTemplate inner = new CrdbTransactionTemplate(
				new FailingTransactionManager(other.dataSource, failure), other.dataSource,
				CrdbTransactionOptions.none());
		assertThatExceptionOfType(CommittedTransactionException.class)
			.isThrownBy(() -> fixture.template().executeWithoutResult((status) -> {
				fixture.attempt();
				inner.executeWithoutResult((innerStatus) -> Conflicts.add(other.jdbc, 1, 5));
			}));
		assertThat(fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	private static void verifyCommitted(TransactionFixture fixture) {
		assertThat(fixture.attempts).containsExactly(1);
		assertThat(fixture.listener.events).containsExactly("success 1");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	/**
	 * Does something after the commit, which fails.
	 */
	@SuppressWarnings("serial")
	private static final class FailingTransactionManager extends JdbcTransactionManager {

		private final RuntimeException failure;

		FailingTransactionManager(CrdbDataSource dataSource, RuntimeException failure) {
			super(dataSource);
			this.failure = failure;
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			super.doCommit(status);
			throw this.failure;
		}

	}

}
