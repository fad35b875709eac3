package io.github.crdbspring.error;

import java.time.Duration;
import java.util.List;

import org.springframework.transaction.TransactionException;

/**
 * Every attempt of a transaction failed with a retryable error, so it was certainly not
 * committed. The cause is the last failure; the earlier ones are suppressed exceptions,
 * newest first.
 * <p>
 * Not a transient exception in Spring's sense, so that a retry around it does not
 * multiply the attempts.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class MaxAttemptsExceededException extends TransactionException implements CompletedTransactionFailure {

	private final int attempts;

	private final Duration elapsed;

	/**
	 * Create a new exception.
	 * @param transactionName the name of the transaction, may be empty
	 * @param elapsed the time from the start of the first attempt to the last failure
	 * @param failures the failures of all attempts, oldest first
	 */
	public MaxAttemptsExceededException(String transactionName, Duration elapsed, List<Throwable> failures) {
		super(RetryFailures.describe(transactionName) + " failed " + failures.size()
				+ " times with a retryable error within " + elapsed.toMillis() + " ms; giving up",
				RetryFailures.last(failures));
		this.attempts = failures.size();
		this.elapsed = elapsed;
		RetryFailures.suppressEarlier(this, failures);
	}

	/**
	 * Return how many times the transaction was run.
	 * @return the number of attempts
	 */
	public int getAttempts() {
		return this.attempts;
	}

	/**
	 * Return the time from the start of the first attempt to the last failure.
	 * @return the elapsed time
	 */
	public Duration getElapsed() {
		return this.elapsed;
	}

}
