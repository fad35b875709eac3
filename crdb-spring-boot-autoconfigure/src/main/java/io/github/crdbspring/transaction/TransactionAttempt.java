package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionExecution;
import org.springframework.util.Assert;

/**
 * One run of a transaction's callback. Code inside the callback finds it with
 * {@link #current()}, for example to log what is going to be repeated.
 *
 * @since 0.1.0
 */
public final class TransactionAttempt {

	private static final Log logger = LogFactory.getLog(TransactionAttempt.class);

	private final CrdbTransactionOptions options;

	private final int number;

	private final LongSupplier clock;

	private final long start;

	private final @Nullable Throwable lastFailure;

	private final @Nullable UUID transactionId;

	private @Nullable TransactionExecution transaction;

	private @Nullable Resolution resolution;

	private boolean marked;

	private boolean rolledBack;

	private @Nullable Deque<Runnable> undo;

	TransactionAttempt(CrdbTransactionOptions options, int number, long start, @Nullable Throwable lastFailure) {
		this(options, number, System::nanoTime, start, lastFailure, null);
	}

	/**
	 * Create an attempt.
	 * @param clock nanoseconds, called on the transaction's thread
	 * @param start when the first attempt began by that clock
	 */
	TransactionAttempt(CrdbTransactionOptions options, int number, LongSupplier clock, long start,
			@Nullable Throwable lastFailure, @Nullable UUID transactionId) {
		this.options = options;
		this.number = number;
		this.clock = clock;
		this.start = start;
		this.lastFailure = lastFailure;
		this.transactionId = transactionId;
	}

	/**
	 * Return the attempt that the current thread is in.
	 * @return the attempt, empty outside a transaction of this library
	 */
	public static Optional<TransactionAttempt> current() {
		return Optional.ofNullable(BoundTransaction.current()).map(BoundTransaction::attempt);
	}

	/**
	 * Return the transaction's name.
	 * @return the name, empty if it has none
	 */
	public String name() {
		return this.options.name();
	}

	/**
	 * Return the attempt's number, from 1.
	 * @return the number
	 */
	public int number() {
		return this.number;
	}

	/**
	 * Return how many attempts there are at most.
	 * @return the number of calls, the first included
	 */
	public int maxAttempts() {
		return this.options.maxAttempts();
	}

	/**
	 * Return the transaction's options, with all defaults applied.
	 * @return the options
	 */
	public CrdbTransactionOptions options() {
		return this.options;
	}

	/**
	 * Return the time since the start of the first attempt.
	 * @return the elapsed time
	 */
	public Duration elapsed() {
		return Duration.ofNanos(this.clock.getAsLong() - this.start);
	}

	/**
	 * Return why the previous attempt failed.
	 * @return the failure, {@code null} in the first attempt
	 */
	public @Nullable Throwable lastFailure() {
		return this.lastFailure;
	}

	/**
	 * Return the id by which the transaction's outcome can be found out, also by somebody
	 * else, with {@code TransactionOutcomes.resolve}. Attempts of the same call have the
	 * same, until the outcome of one had to be found out.
	 * @return the id, {@code null} unless the transaction writes and has the policy
	 * {@link OutcomePolicy#RESOLVE}
	 */
	public @Nullable UUID transactionId() {
		return this.transactionId;
	}

	/**
	 * Have the transaction rolled back at its end, although its callback returns
	 * normally; the caller gets the result. It is the outermost transaction that this is
	 * about, also from one that has joined it. Unlike Spring's
	 * {@code TransactionAspectSupport.currentTransactionStatus()}, this cannot hit the
	 * transaction of another transaction manager.
	 * @throws IllegalStateException if the attempt's transaction has ended
	 */
	public void setRollbackOnly() {
		TransactionExecution transaction = this.transaction;
		Assert.state(transaction != null && !transaction.isCompleted(),
				() -> this + " has no transaction any more that could be rolled back");
		transaction.setRollbackOnly();
	}

	/**
	 * Have something undone if what this attempt writes is rolled back: what the attempt
	 * has changed in objects that outlive it, and that the next attempt, or the caller,
	 * must not see. It is called before the next attempt, and before the call ends, while
	 * no transaction is active; the last registered action first. It is not called if the
	 * transaction is committed, or possibly committed and not run again. Whatever it
	 * throws is logged.
	 * <p>
	 * To be called on the transaction's thread.
	 * @param action undoes something
	 * @return {@code false} if the thread is not in this attempt's transaction now, but
	 * in another one that was begun inside it, or in none, so that there is nothing to
	 * undo with it
	 */
	public boolean onRollback(Runnable action) {
		BoundTransaction bound = BoundTransaction.current();
		if (bound == null || bound.attempt() != this || !bound.isActive()) {
			return false;
		}
		if (this.undo == null) {
			this.undo = new ArrayDeque<>(2);
		}
		this.undo.addFirst(action);
		return true;
	}

	/**
	 * What this attempt has written was rolled back.
	 */
	void undo() {
		Deque<Runnable> undo = this.undo;
		if (undo == null) {
			return;
		}
		for (Runnable action = undo.poll(); action != null; action = undo.poll()) {
			try {
				action.run();
			}
			catch (RuntimeException | Error ex) {
				logger.error("What " + this + " has changed in objects could not be undone", ex);
			}
		}
	}

	/**
	 * Take note of the transaction that this attempt runs in.
	 */
	void transactionBegan(TransactionExecution transaction) {
		this.transaction = transaction;
	}

	void transactionEnded() {
		this.transaction = null;
	}

	/**
	 * Return what is left of the timeout.
	 * @return the time left, not positive if it has passed, {@code null} if there is no
	 * timeout
	 */
	@Nullable Duration remaining() {
		Duration timeout = this.options.timeout();
		return (timeout != null) ? timeout.minus(elapsed()) : null;
	}

	boolean isExpired() {
		Duration remaining = remaining();
		return remaining != null && (remaining.isNegative() || remaining.isZero());
	}

	/**
	 * Take note that the callback did not fail, but asked for a rollback.
	 */
	void rolledBack() {
		this.rolledBack = true;
	}

	boolean isRolledBack() {
		return this.rolledBack;
	}

	/**
	 * Take note that the transaction leaves its mark with the COMMIT that follows.
	 */
	void marked() {
		this.marked = true;
	}

	/**
	 * Return the id if a mark was sent, without which nothing can be found out by it.
	 */
	@Nullable UUID markedId() {
		return this.marked ? this.transactionId : null;
	}

	/**
	 * Take note that the outcome had to be found out.
	 */
	void resolved(TransactionOutcome outcome, Duration time) {
		this.resolution = new Resolution(outcome, time);
	}

	@Nullable Resolution resolution() {
		return this.resolution;
	}

	@Override
	public String toString() {
		return "Attempt " + this.number + " of " + maxAttempts() + " of transaction '" + name() + "'";
	}

	/**
	 * What came of finding the outcome out.
	 *
	 * @param outcome the outcome, {@code AMBIGUOUS} if it is still unknown
	 * @param time how long it took
	 */
	record Resolution(TransactionOutcome outcome, Duration time) {

	}

}
