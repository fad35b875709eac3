package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.TransactionFixture.RecordingObserver;
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

	@ParameterizedTest
	@MethodSource("transactions")
	void anUnknownOutcomeOnAnotherDataSourceIsNotThisTransactions(CrdbTransactionOptions options) throws Exception {
		List<AmbiguousCommitException> unknown = new ArrayList<>();
		RecordingObserver observer = new RecordingObserver();
		try (WireProxy proxy = database.proxy()) {
			TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1, proxy)));
			CrdbTransactionOptions inner = CrdbTransactionOptions.builder().name("inner").build();
			assertThatExceptionOfType(AmbiguousCommitException.class)
				.isThrownBy(() -> this.fixture.template(observer).executeWithoutResult(options, (status) -> {
					this.fixture.attempt();
					Conflicts.read(this.fixture.jdbc, 1);
					beforeCommit(() -> unknown.add(assertThatExceptionOfType(AmbiguousCommitException.class)
						.isThrownBy(() -> other.template().executeWithoutResult(inner, (innerStatus) -> {
							Conflicts.add(other.jdbc, 2, 5);
							proxy.failNext("COMMIT", Fault.CUT_AFTER);
						}))
						.actual()));
					beforeCommit(() -> {
						throw unknown.get(unknown.size() - 1);
					});
				}))
				.withMessageContaining("'inner'")
				.satisfies((ex) -> assertThat(unknown).containsExactly(ex));
		}
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(observer.ends).containsExactly("ROLLED_BACK 1");
		assertThat(conflicts.balance(2)).isEqualTo(105);
	}

	static Stream<CrdbTransactionOptions> transactions() {
		CrdbTransactionOptions outer = CrdbTransactionOptions.builder().name("outer").build();
		return Stream.of(outer, outer.toBuilder().idempotent(true).build(), outer.toBuilder().readOnly(true).build());
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
