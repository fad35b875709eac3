package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import org.junit.jupiter.api.Test;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DuplicateKeyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for retrying real conflicts.
 */
class RetryTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	@Test
	void aConflictInAStatementRunsTheCallbackAgainInANewTransaction() {
		int result = this.fixture.template().execute((status) -> {
			assertThat(status.isNewTransaction()).isTrue();
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
			return balance;
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(result).isEqualTo(1100);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(50));
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "success 2");
	}

	@Test
	void aConflictAtCommitRunsTheCallbackAgainInANewTransaction() {
		this.fixture.template().executeWithoutResult((status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.writeSkew(1, 2, () -> write(2, balance));
			}
			else {
				write(2, balance);
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(2)).isEqualTo(1100);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "success 2");
	}

	@Test
	void theConflictAtCommitIsReallyOneAtCommit() {
		List<String> reached = new ArrayList<>();
		assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> this.fixture.template()
			.executeWithoutResult(CrdbTransactionOptions.builder().maxAttempts(1).build(), (status) -> {
				int balance = Conflicts.read(this.fixture.jdbc, 1);
				conflicts.writeSkew(1, 2, () -> write(2, balance));
				reached.add("end of callback");
			}));
		assertThat(reached).containsExactly("end of callback");
	}

	@Test
	void whatAFailedAttemptWroteIsGone() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			Conflicts.add(this.fixture.jdbc, 2, 7);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(conflicts.balance(2)).isEqualTo(107);
	}

	@Test
	void givesUpAfterTheLastAttempt() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer").maxAttempts(3).build();
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> conflict()))
			.withMessageContaining("'transfer'")
			.satisfies((ex) -> {
				assertThat(ex.getAttempts()).isEqualTo(3);
				assertThat(ex.getElapsed()).isPositive();
				assertThat(ex).hasCauseInstanceOf(CannotAcquireLockException.class);
				assertThat(ex.getSuppressed()).hasSize(2).allSatisfy((earlier) -> {
					assertThat(earlier).isInstanceOf(CannotAcquireLockException.class);
					assertThat(earlier).isNotSameAs(ex.getCause());
				});
			});
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
		assertThat(this.fixture.pauses).hasSize(2);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "retry 2",
				"failure 3 MaxAttemptsExceededException");
	}

	@Test
	void earlierFailuresAreSuppressedNewestFirst() {
		List<Throwable> failures = new ArrayList<>();
		CrdbTransactionListener recorder = new CrdbTransactionListener() {
			@Override
			public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
				failures.add(failure);
			}
		};
		CrdbTransactionTemplate template = this.fixture.template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder().listeners(List.of(recorder)).build());
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> template.executeWithoutResult(CrdbTransactionOptions.builder().maxAttempts(4).build(),
					(status) -> conflict()))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).containsExactly(failures.get(2), failures.get(1),
					failures.get(0)));
	}

	@Test
	void oneAttemptMeansNoRetryAndTheErrorAsItIs() {
		assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> this.fixture.template()
			.executeWithoutResult(CrdbTransactionOptions.builder().maxAttempts(1).build(), (status) -> conflict()));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.pauses).isEmpty();
	}

	@Test
	void anErrorOfTheUsersOwnIsNotRetriedAndRollsBack() {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				throw failure;
			}))
			.isSameAs(failure);
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 IllegalStateException");
	}

	@Test
	void aConstraintViolationIsNotRetried() {
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				this.fixture.jdbc.sql("INSERT INTO account VALUES (1, 0)").update();
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void aConflictUnderSeveralWrappersIsRetried() {
		this.fixture.template().executeWithoutResult((status) -> {
			if (this.fixture.attempt() == 1) {
				SQLException conflict = new SQLException("restart transaction", "40001");
				throw new IllegalStateException(new RuntimeException(conflict));
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
	}

	@Test
	void theAttemptIsKnownInsideTheCallbackOnly() {
		assertThat(TransactionAttempt.current()).isEmpty();
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("known").maxAttempts(4).build();
		this.fixture.template().executeWithoutResult(options, (status) -> {
			TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
			assertThat(attempt.name()).isEqualTo("known");
			assertThat(attempt.maxAttempts()).isEqualTo(4);
			assertThat(attempt.elapsed()).isPositive();
			if (this.fixture.attempt() == 1) {
				assertThat(attempt.number()).isOne();
				assertThat(attempt.lastFailure()).isNull();
				conflict();
			}
			assertThat(attempt.number()).isEqualTo(2);
			assertThat(attempt.lastFailure()).isInstanceOf(CannotAcquireLockException.class);
		});
		assertThat(TransactionAttempt.current()).isEmpty();
	}

	/**
	 * Fail with a real 40001.
	 */
	private void conflict() {
		if (TransactionAttempt.current().orElseThrow().number() > this.fixture.attempts.size()) {
			this.fixture.attempt();
		}
		Conflicts.read(this.fixture.jdbc, 1);
		conflicts.lostUpdate(1);
		Conflicts.add(this.fixture.jdbc, 1, 5);
	}

	private void write(int id, int balance) {
		this.fixture.jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").param(balance).param(id).update();
	}

}
