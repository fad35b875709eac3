package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * One run of a transaction's callback. Code inside the callback finds it with
 * {@link #current()}, for example to log what is going to be repeated.
 *
 * @since 0.1.0
 */
public final class TransactionAttempt {

	private final CrdbTransactionOptions options;

	private final int number;

	private final long start;

	private final @Nullable Throwable lastFailure;

	private boolean rolledBack;

	TransactionAttempt(CrdbTransactionOptions options, int number, long start, @Nullable Throwable lastFailure) {
		this.options = options;
		this.number = number;
		this.start = start;
		this.lastFailure = lastFailure;
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
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	/**
	 * Return why the previous attempt failed.
	 * @return the failure, {@code null} in the first attempt
	 */
	public @Nullable Throwable lastFailure() {
		return this.lastFailure;
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

	@Override
	public String toString() {
		return "Attempt " + this.number + " of " + maxAttempts() + " of transaction '" + name() + "'";
	}

}
