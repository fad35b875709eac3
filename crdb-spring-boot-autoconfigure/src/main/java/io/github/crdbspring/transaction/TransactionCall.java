package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.transaction.TransactionObserver.Observed;
import io.github.crdbspring.transaction.contention.Admission;
import io.github.crdbspring.transaction.contention.AttemptEnd;
import io.github.crdbspring.transaction.contention.CallKeys;
import io.github.crdbspring.transaction.contention.Ticket;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One call of an outermost transaction: its attempts, what they failed with, and what the
 * caller gets in the end.
 *
 * @param <T> the type of the result
 */
final class TransactionCall<T extends @Nullable Object> {

	private final Attempts<T> attempts;

	private final Observed observed;

	private final CrdbTransactionOptions options;

	private final Backoff backoff;

	private final LongSupplier clock;

	/**
	 * For the timeout, and for the limit, which compares calls.
	 */
	private final long begun;

	private final @Nullable Admission admission;

	private final CallKeys keys;

	private List<Throwable> failures = List.of();

	/**
	 * The last attempt that began.
	 */
	private @Nullable TransactionAttempt last;

	private @Nullable AmbiguousCommitException ambiguity;

	private @Nullable T result;

	private @Nullable Throwable thrown;

	/**
	 * Create a call.
	 * @param admission admits its attempts, {@code null} if all are
	 * @param keys what it may have in common with calls that it conflicts with
	 */
	TransactionCall(CrdbTransactionOptions options, Observed observed, @Nullable Admission admission, CallKeys keys,
			Backoff backoff, Attempts<T> attempts) {
		this.observed = observed;
		this.options = options;
		this.admission = admission;
		this.keys = keys;
		this.backoff = backoff;
		this.clock = backoff.clock();
		this.begun = this.clock.getAsLong();
		this.attempts = attempts;
	}

	/**
	 * Run the next attempt, and decide what follows.
	 * @throws NextAttempt if another attempt is to follow; otherwise the call has ended
	 */
	void attempt() throws NextAttempt {
		TransactionAttempt next = new TransactionAttempt(this.options, this.failures.size() + 1, this.clock, this.begun,
				this.failures.isEmpty() ? null : lastFailure(), transactionId());
		@Nullable Ticket ticket;
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
		this.last = next;
		try {
			run(next, ticket);
		}
		catch (AttemptFailure ex) {
			failed(next, ex, ticket != null && ticket.isLimited());
			return;
		}
		succeeded(next);
	}

	/**
	 * Return the id for the next attempt. One by which an outcome had to be found out
	 * cannot be used again.
	 */
	private @Nullable UUID transactionId() {
		if (!this.options.leavesMark()) {
			return null;
		}
		return (this.last != null && this.last.resolution() == null) ? this.last.transactionId()
				: TransactionOutcomes.newId();
	}

	private @Nullable Ticket admit(TransactionAttempt next) throws TimeoutException, InterruptedException {
		if (this.admission == null) {
			return null;
		}
		Ticket ticket = this.admission.tryBegin(this.keys, this.begun);
		if (ticket != null) {
			return ticket;
		}
		return mustNotWait() ? this.admission.beginAnyway(this.keys) : awaitAdmission(this.admission, next);
	}

	/**
	 * Whether this thread holds a transaction open already: an attempt that it waits for
	 * may in turn wait for that transaction, and neither would ever end.
	 */
	private static boolean mustNotWait() {
		return BoundTransaction.current() != null || TransactionSynchronizationManager.isActualTransactionActive();
	}

	private Ticket awaitAdmission(Admission admission, TransactionAttempt next)
			throws TimeoutException, InterruptedException {
		Duration remaining = next.remaining();
		long begin = System.nanoTime();
		try {
			return admission.awaitBegin(this.keys, this.begun,
					(remaining != null) ? TimeUnit.NANOSECONDS.convert(remaining) : Long.MAX_VALUE);
		}
		finally {
			this.observed.waited(next, Duration.ofNanos(System.nanoTime() - begin));
		}
	}

	private void run(TransactionAttempt attempt, @Nullable Ticket ticket) throws AttemptFailure {
		AttemptEnd end = AttemptEnd.OTHER;
		try {
			this.observed.attemptStarted(attempt);
			this.result = this.attempts.run(attempt);
			end = attempt.isRolledBack() ? AttemptEnd.OTHER : AttemptEnd.COMMIT;
		}
		catch (AttemptFailure ex) {
			end = ex.end();
			throw ex;
		}
		catch (RuntimeException | Error ex) {
			throw new AttemptFailure(AttemptFailure.Verdict.FINAL, FailureKind.OTHER, ex);
		}
		finally {
			// Before listeners are told and before the pause, so that others can begin
			if (this.admission != null && ticket != null) {
				this.admission.end(ticket, this.keys, end);
			}
			TransactionAttempt.Resolution resolution = attempt.resolution();
			if (resolution != null) {
				this.observed.resolved(attempt, resolution.outcome(), resolution.time());
			}
		}
	}

	private void succeeded(TransactionAttempt attempt) {
		TransactionOutcome outcome = attempt.isRolledBack() ? TransactionOutcome.ROLLED_BACK
				: TransactionOutcome.COMMITTED;
		if (attempt.isRolledBack()) {
			attempt.undo();
		}
		this.observed.attemptEnded(attempt, outcome, null);
		if (attempt.isRolledBack() && this.ambiguity != null) {
			giveUp(TransactionOutcome.AMBIGUOUS, this.ambiguity);
		}
		else {
			this.observed.ended(attempt, outcome, null);
		}
	}

	/**
	 * An attempt failed.
	 * @param limited whether a limit counted it
	 */
	private void failed(TransactionAttempt attempt, AttemptFailure failure, boolean limited) throws NextAttempt {
		if (this.failures.isEmpty()) {
			this.failures = new ArrayList<>(2);
		}
		this.failures.add(failure.failure());
		if (failure.verdict().outcome() == TransactionOutcome.ROLLED_BACK) {
			attempt.undo();
		}
		this.observed.attemptEnded(attempt, failure.verdict().outcome(), failure.failure());
		switch (failure.verdict()) {
			case RETRY -> retryOrGiveUp(attempt, failure, limited);
			case UNKNOWN -> {
				if (this.ambiguity == null) {
					this.ambiguity = (AmbiguousCommitException) failure.failure();
				}
				if (this.options.idempotent()) {
					retryOrGiveUp(attempt, failure, limited);
				}
				else {
					giveUp(TransactionOutcome.AMBIGUOUS, failure.failure());
				}
			}
			case TIMED_OUT -> giveUp(TransactionOutcome.DEADLINE, deadlineExceeded());
			case COMMITTED -> {
				this.thrown = failure.failure();
				this.observed.ended(attempt, TransactionOutcome.COMMITTED, this.thrown);
			}
			case FINAL, REJECTED, PARTLY_COMMITTED -> giveUp(failure.verdict().outcome(), failure.failure());
		}
	}

	private void retryOrGiveUp(TransactionAttempt attempt, AttemptFailure failure, boolean limited) throws NextAttempt {
		if (attempt.maxAttempts() == 1) {
			giveUp(TransactionOutcome.ROLLED_BACK, failure.failure());
			return;
		}
		if (attempt.number() >= attempt.maxAttempts()) {
			giveUp(TransactionOutcome.EXHAUSTED,
					new MaxAttemptsExceededException(this.options.name(), attempt.elapsed(), this.failures));
			return;
		}
		Duration pause = pauseAfter(failure, limited);
		Duration remaining = attempt.remaining();
		if (remaining != null && pause.compareTo(remaining) >= 0) {
			giveUp(TransactionOutcome.DEADLINE, deadlineExceeded());
			return;
		}
		// Also where it may have been committed: the next attempt begins where this one
		// did
		attempt.undo();
		this.observed.retry(attempt, failure.failure(), pause);
		throw new NextAttempt(pause);
	}

	/**
	 * Nothing keeps those apart that must not wait, so they take the usual pauses.
	 */
	private Duration pauseAfter(AttemptFailure failure, boolean limited) {
		int failures = this.failures.size();
		if (this.admission == null || !failure.isConflict() || mustNotWait()) {
			return this.backoff.pauseAfter(failures);
		}
		return limited ? this.backoff.pauseWithinLimit(failures) : this.backoff.pauseAfterConflict(failures);
	}

	/**
	 * Take note that a wait was interrupted, and that there is no next attempt.
	 */
	void interrupted() {
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
		this.thrown = (this.ambiguity != null) ? explain(this.ambiguity, failure) : failure;
		this.observed.ended(this.last, (this.ambiguity != null) ? TransactionOutcome.AMBIGUOUS : outcome, this.thrown);
	}

	/**
	 * Once an outcome was unknown it stays so, whatever later attempts failed with: the
	 * caller gets the ambiguity, and the other failures with it.
	 */
	private AmbiguousCommitException explain(AmbiguousCommitException ambiguity, Throwable failure) {
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
				(timeout != null) ? timeout : Duration.ZERO, Duration.ofNanos(this.clock.getAsLong() - this.begun),
				this.failures);
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
