package io.github.crdbspring.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.transaction.BackoffSleeper;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import org.assertj.core.api.AssertProvider;
import org.jspecify.annotations.Nullable;

/**
 * What ran: the transactions of a test method, their attempts, failures and pauses. The
 * pauses between attempts are noted and not slept, except in a {@link Contention} race;
 * to the timeout of a transaction they have passed.
 *
 * <pre class="code">
 * &#64;Test
 * &#64;InjectRetries
 * void aTransferIsRetried(TransactionAttempts attempts) {
 *     this.bank.transfer(1, 2, 100);
 *     assertThat(attempts).transaction("Bank.transfer").hasAttempts(2).failedWith("40001");
 * }
 * </pre>
 *
 * A bean in Spring tests, and with {@link InjectRetries} or {@link CrdbTest} a parameter
 * of the test method; {@code crdb.test.skip-pauses=false} has the pauses slept. Without
 * Spring it is to be passed to the template: {@link #observe}. A test method sees its own
 * transactions, and those of threads that belong to no test.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class TransactionAttempts
		implements TransactionObserver, BackoffSleeper, AssertProvider<TransactionAttemptsAssert> {

	private static final int LIMIT = 10_000;

	private final List<Recording> recordings = new ArrayList<>();

	private final boolean skipPauses;

	/**
	 * Create a new instance that skips pauses.
	 */
	public TransactionAttempts() {
		this(true);
	}

	TransactionAttempts(boolean skipPauses) {
		this.skipPauses = skipPauses;
	}

	/**
	 * Have the transactions of a template recorded, and its pauses skipped.
	 * @param settings the settings of the template
	 * @return the same settings with this instance in them
	 */
	public CrdbTransactionSettings observe(CrdbTransactionSettings settings) {
		List<TransactionObserver> observers = new ArrayList<>(settings.observers());
		observers.add(this);
		return settings.toBuilder().observers(observers).sleeper(this).build();
	}

	/**
	 * Return the transactions of the test method so far, in the order in which they
	 * began.
	 * @return the transactions
	 */
	public List<RecordedTransaction> transactions() {
		TestRun run = TestRun.current();
		synchronized (this.recordings) {
			return this.recordings.stream()
				.filter((recording) -> recording.isOf(run))
				.map(Recording::transaction)
				.toList();
		}
	}

	/**
	 * Forget what ran so far.
	 */
	public void clear() {
		synchronized (this.recordings) {
			this.recordings.clear();
		}
	}

	@Override
	public TransactionAttemptsAssert assertThat() {
		return new TransactionAttemptsAssert(this);
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		TestRun run = TestRun.current();
		SafetyCheck check = (run != null) ? run.safetyCheck() : null;
		if (check != null && TransactionAttempt.current().isEmpty()) {
			check.beforeCall();
		}
		Recording recording = new Recording(options.name(), run);
		synchronized (this.recordings) {
			if (this.recordings.size() == LIMIT) {
				this.recordings.remove(0);
			}
			this.recordings.add(recording);
		}
		return recording;
	}

	@Override
	public void sleep(Duration pause) throws InterruptedException {
		if (!this.skipPauses || Contention.isRacing()) {
			Thread.sleep(pause.toMillis(), pause.toNanosPart() % 1_000_000);
		}
		else if (Thread.interrupted()) {
			throw new InterruptedException("Interrupted between two attempts");
		}
		else {
			SkippedTime.skip(pause);
		}
	}

	@Override
	public long nanoTime() {
		return SkippedTime.nanoTime();
	}

	@Override
	public String toString() {
		return "Transactions" + transactions();
	}

	/**
	 * A transaction that is being recorded.
	 */
	private static final class Recording implements Observed {

		private final String name;

		private final @Nullable TestRun run;

		private final long begun = System.nanoTime();

		private final List<RecordedAttempt> attempts = new ArrayList<>();

		private @Nullable TransactionOutcome outcome;

		private @Nullable Throwable failure;

		Recording(String name, @Nullable TestRun run) {
			this.name = name;
			this.run = run;
		}

		boolean isOf(@Nullable TestRun run) {
			return run == null || this.run == run || (this.run == null && this.begun - run.begun() >= 0);
		}

		synchronized RecordedTransaction transaction() {
			return new RecordedTransaction(this.name, List.copyOf(this.attempts), this.outcome, this.failure);
		}

		@Override
		public synchronized void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome,
				@Nullable Throwable failure) {
			this.attempts.add(new RecordedAttempt(attempt.number(), outcome, failure, null));
		}

		@Override
		public synchronized void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			int last = this.attempts.size() - 1;
			this.attempts.set(last, this.attempts.get(last).withPause(backoff));
		}

		@Override
		public synchronized void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome,
				@Nullable Throwable failure) {
			this.outcome = outcome;
			this.failure = failure;
		}

	}

}
