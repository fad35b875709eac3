package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for what a {@link TransactionObserver} is told.
 */
@ExtendWith(OutputCaptureExtension.class)
class TransactionObserverTests extends AccountTests {

	private static final CrdbTransactionOptions NONE = CrdbTransactionOptions.none();

	private final WireProxy proxy = database.proxy();

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(database.pool(2, this.proxy)));

	private final List<String> events = new ArrayList<>();

	private final CrdbTransactionTemplate template = template(new RecordingObserver(this.events, ""));

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void isToldOfEachAttemptAndOfTheEnd() {
		this.template.executeWithoutResult(CrdbTransactionOptions.builder().name("transfer").build(),
				(status) -> conflictInAttempt(1));
		assertThat(this.events).containsExactly("start transfer", "attempt 1", "end 1 ROLLED_BACK failure", "retry 1",
				"attempt 2", "end 2 COMMITTED", "end COMMITTED 2");
	}

	@Test
	void attemptsBeginAndEndOutsideOfTheirTransactions() {
		List<Boolean> active = new ArrayList<>();
		TransactionObserver observer = (options) -> new TransactionObserver.Observed() {
			@Override
			public void attemptStarted(TransactionAttempt attempt) {
				active.add(TransactionSynchronizationManager.isActualTransactionActive());
			}

			@Override
			public void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome,
					@Nullable Throwable failure) {
				active.add(TransactionSynchronizationManager.isActualTransactionActive());
			}
		};
		template(observer).executeWithoutResult((status) -> conflictInAttempt(1));
		assertThat(active).containsExactly(false, false, false, false);
	}

	@Test
	void aRollbackThatWasAskedForIsNoCommit() {
		this.template.executeWithoutResult((status) -> status.setRollbackOnly());
		assertThat(this.events).endsWith("end 1 ROLLED_BACK", "end ROLLED_BACK 1");
	}

	@Test
	void aFailureOfTheUsersIsARollback() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				throw new IllegalStateException("overdraft");
			}));
		assertThat(this.events).endsWith("end 1 ROLLED_BACK failure", "end ROLLED_BACK 1 failure");
	}

	@Test
	void theOutcomeOfAnotherTransactionIsNotThisOnes() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				throw new MaxAttemptsExceededException("other", Duration.ZERO, List.of(new Exception()));
			}));
		assertThat(this.events).endsWith("end ROLLED_BACK 1 failure");
	}

	@Test
	void withASingleAttemptAConflictIsARollback() {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> this.template
			.executeWithoutResult(NONE.toBuilder().maxAttempts(1).build(), (status) -> conflictInAttempt(1)));
		assertThat(this.events).endsWith("end 1 ROLLED_BACK failure", "end ROLLED_BACK 1 failure");
	}

	@Test
	void attemptsCanBeExhausted() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(() -> this.template
			.executeWithoutResult(NONE.toBuilder().maxAttempts(2).build(), (status) -> conflictInAttempt(2)));
		assertThat(this.events).endsWith("end 2 ROLLED_BACK failure", "end EXHAUSTED 2 failure");
	}

	@Test
	void aTimeoutCanLeaveNoRoomForAnotherAttempt() {
		CrdbTransactionTemplate impatient = this.fixture.template(
				NONE.toBuilder().timeout(Duration.ofMinutes(1)).build(),
				CrdbTransactionSettings.builder()
					.backoff(new BackoffSettings(Duration.ofHours(1), 1, Duration.ofHours(1), 0))
					.observers(List.of(new RecordingObserver(this.events, "")))
					.build());
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> impatient.executeWithoutResult((status) -> conflictInAttempt(1)));
		assertThat(this.events).endsWith("end 1 ROLLED_BACK failure", "end DEADLINE 1 failure");
	}

	@Test
	void anOutcomeCanBeUnknown() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
		assertThat(this.events).endsWith("end 1 AMBIGUOUS failure", "end AMBIGUOUS 1 failure");
	}

	@Test
	void onceUnknownAnOutcomeStaysSo() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(
				() -> this.template.executeWithoutResult(NONE.toBuilder().idempotent(true).build(), (status) -> {
					if (this.fixture.attempt() == 2) {
						throw new IllegalStateException("refused");
					}
					Conflicts.add(this.fixture.jdbc, 1, 5);
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				}));
		assertThat(this.events).endsWith("end 1 AMBIGUOUS failure", "retry 1", "attempt 2", "end 2 ROLLED_BACK failure",
				"end AMBIGUOUS 2 failure");
	}

	@Test
	void onceUnknownAnOutcomeStaysSoThoughALaterAttemptAsksForRollback() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(
				() -> this.template.executeWithoutResult(NONE.toBuilder().idempotent(true).build(), (status) -> {
					if (this.fixture.attempt() == 2) {
						status.setRollbackOnly();
					}
					else {
						Conflicts.add(this.fixture.jdbc, 1, 5);
						this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
					}
				}));
		assertThat(this.events).contains("attempt 2").endsWith("end AMBIGUOUS 2 failure");
	}

	@Test
	void aFailureAfterTheCommitDoesNotUndoIt() {
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.template.executeWithoutResult(
				(status) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
					@Override
					public void afterCommit() {
						throw new IllegalStateException("mail server");
					}
				})));
		assertThat(this.events).endsWith("end 1 COMMITTED failure", "end COMMITTED 1 failure");
	}

	@Test
	void aTransactionThatJoinsIsNotObservedAndOneThatMayNotIsRejected() {
		this.template.executeWithoutResult((status) -> {
			this.template.executeWithoutResult((joined) -> Conflicts.add(this.fixture.jdbc, 1, 5));
			CrdbTransactionOptions reject = CrdbTransactionOptions.builder()
				.name("inner")
				.nested(NestedTransactionPolicy.REJECT)
				.build();
			assertThatExceptionOfType(NestedTransactionRejectedException.class)
				.isThrownBy(() -> this.template.executeWithoutResult(reject, (joined) -> {
				}));
		});
		assertThat(this.events).containsExactly("start ", "attempt 1", "start inner", "end REJECTED 0 failure",
				"end 1 COMMITTED", "end COMMITTED 1");
	}

	@Test
	void theRejectionOfAnInnerTransactionIsARollbackOfTheOuter() {
		assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				throw new NestedTransactionRejectedException("inner");
			}));
		assertThat(this.events).endsWith("end ROLLED_BACK 1 failure");
	}

	@Test
	void anOptionThatTheServerDoesNotHaveIsARejection() {
		assumeThat(database.isCockroach()).as("Needs a server without priorities").isFalse();
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class).isThrownBy(() -> this.template
			.executeWithoutResult(NONE.toBuilder().priority(TransactionPriority.HIGH).build(), (status) -> {
			}));
		assertThat(this.events).containsExactly("start ", "end REJECTED 0 failure");
	}

	@Test
	void transactionsOfSpringsAreObservedTheSameWay() {
		TransactionTemplate springs = new TransactionTemplate(this.fixture.transactionManager);
		SpringTransactionalRetry retry = new SpringTransactionalRetry();
		this.fixture.transactionManager.addListener(retry);
		retry.retry(this.template, new DefaultTransactionAttribute(), NONE, () -> {
			springs.executeWithoutResult((status) -> conflictInAttempt(1));
			return "";
		});
		assertThat(this.events).containsExactly("start ", "attempt 1", "end 1 ROLLED_BACK failure", "retry 1",
				"attempt 2", "end 2 COMMITTED", "end COMMITTED 2");
		retry.retry(this.template, new DefaultTransactionAttribute(), NONE, () -> {
			springs.executeWithoutResult((status) -> status.setRollbackOnly());
			return "";
		});
		assertThat(this.events).endsWith("end 1 ROLLED_BACK", "end ROLLED_BACK 1");
	}

	@Test
	void observersAreNested() {
		template(new RecordingObserver(this.events, "outer "), new RecordingObserver(this.events, "inner "))
			.executeWithoutResult((status) -> {
			});
		assertThat(this.events).containsExactly("outer start ", "inner start ", "outer attempt 1", "inner attempt 1",
				"inner end 1 COMMITTED", "outer end 1 COMMITTED", "inner end COMMITTED 1", "outer end COMMITTED 1");
	}

	@Test
	void anObserverThatFailsDisturbsNobody(CapturedOutput output) {
		TransactionObserver broken = (options) -> {
			throw new IllegalStateException("no start");
		};
		TransactionObserver breaking = (options) -> new TransactionObserver.Observed() {
			@Override
			public void attemptStarted(TransactionAttempt attempt) {
				throw new IllegalStateException("no attempt");
			}

			@Override
			public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome,
					@Nullable Throwable failure) {
				throw new IllegalStateException("no end");
			}
		};
		template(broken, breaking, new RecordingObserver(this.events, ""))
			.executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 5));
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(this.events).containsExactly("start ", "attempt 1", "end 1 COMMITTED", "end COMMITTED 1");
		assertThat(output).contains("no start").contains("no attempt").contains("no end");
	}

	private CrdbTransactionTemplate template(TransactionObserver... observers) {
		return this.fixture.template(NONE, CrdbTransactionSettings.builder().observers(List.of(observers)).build());
	}

	private void conflictInAttempt(int lastConflict) {
		Conflicts.read(this.fixture.jdbc, 1);
		if (this.fixture.attempt() <= lastConflict) {
			conflicts.lostUpdate(1);
		}
		Conflicts.add(this.fixture.jdbc, 1, 5);
	}

	/**
	 * Notes what it is told.
	 *
	 * @param events the notes
	 * @param prefix who notes it
	 */
	private record RecordingObserver(List<String> events,
			String prefix) implements TransactionObserver, TransactionObserver.Observed {

		@Override
		public Observed start(CrdbTransactionOptions options) {
			note("start " + options.name(), null);
			return this;
		}

		@Override
		public void attemptStarted(TransactionAttempt attempt) {
			note("attempt " + attempt.number(), null);
		}

		@Override
		public void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome, @Nullable Throwable failure) {
			note("end " + attempt.number() + " " + outcome, failure);
		}

		@Override
		public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			note("retry " + failed.number(), null);
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
			note("end " + outcome + " " + ((last != null) ? last.number() : 0), failure);
		}

		private void note(String event, @Nullable Throwable failure) {
			this.events.add(this.prefix + event + ((failure != null) ? " failure" : ""));
		}

	}

}
