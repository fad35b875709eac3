package io.github.crdbspring.error;

import java.time.Duration;
import java.util.List;

import org.springframework.transaction.TransactionTimedOutException;

/**
 * The transaction's timeout leaves no room for another attempt, so it was certainly not
 * committed. The cause is the last failure; the earlier ones are suppressed exceptions,
 * newest first. There is none if the timeout passed before the first attempt was
 * admitted.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class TransactionDeadlineExceededException extends TransactionTimedOutException
		implements CompletedTransactionFailure {

	private final int attempts;

	private final Duration elapsed;

	/**
	 * Create a new exception.
	 * @param transactionName the name of the transaction, may be empty
	 * @param timeout the time that the transaction was given
	 * @param elapsed the time since the start of the first attempt
	 * @param failures the failures so far, oldest first
	 */
	public TransactionDeadlineExceededException(String transactionName, Duration timeout, Duration elapsed,
			List<Throwable> failures) {
		super(RetryFailures.describe(transactionName) + " was not committed within its timeout of " + timeout.toMillis()
				+ " ms (" + failures.size() + ((failures.size() == 1) ? " attempt, " : " attempts, ")
				+ elapsed.toMillis() + " ms)");
		if (!failures.isEmpty()) {
			initCause(RetryFailures.last(failures));
		}
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
	 * Return the time since the start of the first attempt.
	 * @return the elapsed time
	 */
	public Duration getElapsed() {
		return this.elapsed;
	}

}
