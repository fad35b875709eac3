package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.CannotAcquireLockException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the interruption of a thread in its pause between two attempts.
 */
class InterruptionTests extends AccountTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private final List<Throwable> failures = new ArrayList<>();

	private int pauses;

	@AfterEach
	void clearInterruption() {
		Thread.interrupted();
	}

	@Test
	void anInterruptedPauseEndsTheCallInTheLastFailure() {
		verifyInterrupted(template((pause) -> {
			if (++this.pauses == 2) {
				throw new InterruptedException();
			}
		}), 2, () -> {
		});
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "retry 2",
				"failure 2 CannotAcquireLockException");
	}

	@Test
	@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void aRealPauseOfAnHourEndsAtOnce() {
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.backoff(new BackoffSettings(HOUR, 1, HOUR, 0))
			.build();
		verifyInterrupted(new CrdbTransactionTemplate(this.fixture.transactionManager, this.fixture.dataSource,
				CrdbTransactionOptions.none(), settings), 1, Thread.currentThread()::interrupt);
	}

	private void verifyInterrupted(CrdbTransactionTemplate template, int attempts, Runnable inCallback) {
		assertThatExceptionOfType(CannotAcquireLockException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				inCallback.run();
				fail();
			}))
			.satisfies((ex) -> assertThat(ex).isSameAs(this.failures.get(attempts - 1)));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.failures).hasSize(attempts);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	private CrdbTransactionTemplate template(Backoff.Sleeper sleeper) {
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.listeners(List.of(this.fixture.listener))
			.build();
		return new CrdbTransactionTemplate(this.fixture.transactionManager, this.fixture.dataSource,
				CrdbTransactionOptions.none(), settings, new Backoff(settings.backoff(), () -> 0, sleeper));
	}

	private void fail() {
		CannotAcquireLockException failure = new CannotAcquireLockException("conflict",
				new SQLException("restart transaction", "40001"));
		this.failures.add(failure);
		throw failure;
	}

}
