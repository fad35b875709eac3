package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what callbacks before the commit do to its outcome.
 */
class BeforeCommitTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	@Test
	void aCallbackThatOutlastsTheTimeoutIsNotFollowedByALateCommit() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().timeout(Duration.ofMillis(300)).build();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				beforeCommit(() -> {
					while (!TransactionAttempt.current().orElseThrow().isExpired()) {
						LockSupport.parkNanos(1_000_000);
					}
				});
			}));
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aJoinedFailureThatACallbackSwallowsIsNotCommitted() {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				beforeCommit(() -> swallow(failure));
			}))
			.withCause(failure);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aJoinedConflictThatACallbackSwallowsIsRetried() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				beforeCommit(() -> swallow(
						new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"))));
			}
		});
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "success 2");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@ParameterizedTest
	@MethodSource("failures")
	void nothingIsCommittedWhateverACallbackThrows(RuntimeException failure) {
		assertThatExceptionOfType(failure.getClass())
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				beforeCommit(() -> {
					throw failure;
				});
			}))
			.isSameAs(failure);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	static Stream<RuntimeException> failures() {
		return Stream.of(new IllegalStateException("overdraft"), new TransactionSystemException("another one's"),
				new UnexpectedRollbackException("another one's"), new CannotCreateTransactionException("another one's"),
				new MaxAttemptsExceededException("another", Duration.ZERO,
						List.of(new SQLException("restart transaction", "40001"))));
	}

	private void swallow(RuntimeException failure) {
		assertThatExceptionOfType(failure.getClass())
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				throw failure;
			}));
	}

	private static void beforeCommit(Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
			@Override
			public void beforeCommit(boolean readOnly) {
				action.run();
			}
		});
	}

}
