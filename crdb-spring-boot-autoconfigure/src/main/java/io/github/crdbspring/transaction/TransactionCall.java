package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.transaction.TransactionObserver.Observed;
import io.github.crdbspring.transaction.contention.Admission;
import io.github.crdbspring.transaction.contention.AttemptEnd;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One call of an outermost transaction: its attempts, what they failed with, and what the
 * caller gets in the end.
 *
 * @param <T> the type of the result
 */
final class TransactionCall<T extends @Nullable Object> implements RetryLoop.Call {

	private final Attempts<T> attempts;

	private final CrdbTransactionListener listener;

	private final Observed observed;

	private final CrdbTransactionOptions options;

	private final long start = System.nanoTime();

	private final @Nullable Admission admission;

	private List<Throwable> failures = List.of();

	private TransactionAttempt attempt;

	private @Nullable AmbiguousCommitException ambiguity;

	private @Nullable T result;

	private @Nullable Throwable thrown;

	/**
	 * Create a call.
	 * @param admission admits its attempts, {@code null} if all are
	 */
	TransactionCall(CrdbTransactionOptions options, CrdbTransactionListener listener, Observed observed,
			@Nullable Admission admission, Attempts<T> attempts) {
		this.listener = listener;
		this.observed = observed;
		this.options = options;
		this.admission = admission;
		this.attempts = attempts;
		this.attempt = new TransactionAttempt(options, 1, this.start, null);
	}

	@Override
	public void attempt() throws AttemptFailure {
		TransactionAttempt next = this.failures.isEmpty() ? this.attempt
				: new TransactionAttempt(this.options, this.failures.size() + 1, this.start, lastFailure());
		long ticket;
		try {
			ticket = admit(next);
		}
		catch (TimeoutException ex) {
			giveUp(TransactionOutcome.DEADLINE, deadlineExceeded());
			return;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			interrupted();
			return;
		}
		this.attempt = next;
		run(ticket);
		TransactionOutcome outcome = this.attempt.isRolledBack() ? TransactionOutcome.ROLLED_BACK
				: TransactionOutcome.COMMITTED;
		this.observed.attemptEnded(this.attempt, outcome, null);
		this.listener.onSuccess(this.attempt);
		this.observed.ended(this.attempt, outcome, null);
	}

	private long admit(TransactionAttempt next) throws TimeoutException, InterruptedException {
		if (this.admission == null) {
			return Admission.UNLIMITED;
		}
		long ticket = this.admission.tryBegin();
		if (ticket != Admission.NO_ROOM) {
			return ticket;
		}
		if (BoundTransaction.current() != null || TransactionSynchronizationManager.isActualTransactionActive()) {
			// Whoever waits for this thread's transaction might be who it would wait for
			return this.admission.beginAnyway();
		}
		return awaitAdmission(this.admission, next);
	}

	private long awaitAdmission(Admission admission, TransactionAttempt next)
			throws TimeoutException, InterruptedException {
		Duration remaining = next.remaining();
		long begin = System.nanoTime();
		try {
			return admission.awaitBegin(this.start,
					(remaining != null) ? TimeUnit.NANOSECONDS.convert(remaining) : Long.MAX_VALUE);
		}
		finally {
			this.observed.waited(next, Duration.ofNanos(System.nanoTime() - begin));
		}
	}

	private void run(long ticket) throws AttemptFailure {
		this.observed.attemptStarted(this.attempt);
		AttemptEnd end = AttemptEnd.OTHER;
		try {
			this.result = this.attempts.run(this.attempt);
			end = this.attempt.isRolledBack() ? AttemptEnd.OTHER : AttemptEnd.COMMIT;
		}
		catch (AttemptFailure ex) {
			end = ex.end();
			throw ex;
		}
		finally {
			// At once: nobody is to wait for listeners, nor for this call's pause
			if (this.admission != null) {
				this.admission.end(ticket, end);
			}
		}
	}

	@Override
	public @Nullable Duration failed(AttemptFailure failure, Backoff backoff) {
		if (this.failures.isEmpty()) {
			this.failures = new ArrayList<>(2);
		}
		this.failures.add(failure.failure());
		this.observed.attemptEnded(this.attempt, failure.verdict().outcome(), failure.failure());
		switch (failure.verdict()) {
			case RETRY -> {
				return pause(backoff, this.admission != null && failure.isConflict());
			}
			case UNKNOWN -> {
				if (this.ambiguity == null) {
					this.ambiguity = (AmbiguousCommitException) failure.failure();
				}
				if (this.options.idempotent()) {
					return pause(backoff, false);
				}
				giveUp(TransactionOutcome.AMBIGUOUS, failure.failure());
			}
			case TIMED_OUT -> giveUp(TransactionOutcome.DEADLINE, deadlineExceeded());
			case COMMITTED -> {
				this.thrown = failure.failure();
				this.listener.onSuccess(this.attempt);
				this.observed.ended(this.attempt, TransactionOutcome.COMMITTED, this.thrown);
			}
			case FINAL, REJECTED -> giveUp(failure.verdict().outcome(), failure.failure());
		}
		return null;
	}

	private @Nullable Duration pause(Backoff backoff, boolean limited) {
		if (this.attempt.maxAttempts() == 1) {
			giveUp(TransactionOutcome.ROLLED_BACK, lastFailure());
			return null;
		}
		if (this.attempt.number() >= this.attempt.maxAttempts()) {
			giveUp(TransactionOutcome.EXHAUSTED,
					new MaxAttemptsExceededException(this.options.name(), this.attempt.elapsed(), this.failures));
			return null;
		}
		Duration pause = limited ? backoff.pauseAfterConflict(this.failures.size())
				: backoff.pauseAfter(this.failures.size());
		Duration remaining = this.attempt.remaining();
		if (remaining != null && pause.compareTo(remaining) >= 0) {
			giveUp(TransactionOutcome.DEADLINE, deadlineExceeded());
			return null;
		}
		this.listener.onRetry(this.attempt, lastFailure(), pause);
		this.observed.retry(this.attempt, lastFailure(), pause);
		return pause;
	}

	@Override
	public void interrupted() {
		giveUp(TransactionOutcome.ROLLED_BACK,
				this.failures.isEmpty() ? new CannotCreateTransactionException(
						"Interrupted while waiting for the first attempt of transaction '" + this.options.name()
								+ "' to be admitted")
						: lastFailure());
	}

	/**
	 * Return the result of the attempt that was committed, or throw what the call ended
	 * in.
	 */
	@SuppressWarnings("NullAway") // a call without an outcome has a result, which may be
									// null only if T may
	T result() {
		if (this.thrown != null) {
			throw TransactionCall.<RuntimeException>unchanged(this.thrown);
		}
		return this.result;
	}

	/**
	 * Throw an exception as it is, although the signature does not let a checked one
	 * pass: a callback written in Kotlin, or an annotated method, may throw one.
	 */
	@SuppressWarnings("unchecked")
	static <E extends Throwable> RuntimeException unchanged(Throwable failure) throws E {
		throw (E) failure;
	}

	private void giveUp(TransactionOutcome outcome, Throwable failure) {
		this.thrown = (this.ambiguity != null) ? explain(this.ambiguity) : failure;
		this.listener.onFailure(this.attempt, this.thrown);
		this.observed.ended(this.attempt, (this.ambiguity != null) ? TransactionOutcome.AMBIGUOUS : outcome,
				this.thrown);
	}

	/**
	 * Once an outcome was unknown it stays so, whatever later attempts failed with: the
	 * caller gets the ambiguity, and the other failures with it.
	 */
	private AmbiguousCommitException explain(AmbiguousCommitException ambiguity) {
		for (int i = this.failures.size() - 1; i >= 0; i--) {
			if (this.failures.get(i) != ambiguity) {
				ambiguity.addSuppressed(this.failures.get(i));
			}
		}
		return ambiguity;
	}

	private TransactionDeadlineExceededException deadlineExceeded() {
		Duration timeout = this.options.timeout();
		return new TransactionDeadlineExceededException(this.options.name(),
				(timeout != null) ? timeout : Duration.ZERO, this.attempt.elapsed(), this.failures);
	}

	private Throwable lastFailure() {
		return this.failures.get(this.failures.size() - 1);
	}

	/**
	 * What an attempt consists of.
	 *
	 * @param <T> the type of the result
	 */
	interface Attempts<T extends @Nullable Object> {

		T run(TransactionAttempt attempt) throws AttemptFailure;

	}

}
