package io.github.crdbspring.error;

import org.springframework.transaction.UnexpectedRollbackException;

/**
 * A SQL error was swallowed inside the transaction, and its COMMIT would have been a
 * silent rollback: nothing was stored. The cause is that first error.
 * <p>
 * A swallowed error that is itself retryable leads to another attempt instead.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/commit-transaction">CockroachDB: COMMIT</a>
 */
@SuppressWarnings("serial")
public class SilentRollbackException extends UnexpectedRollbackException implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param msg what was lost
	 * @param cause the first error of the transaction
	 */
	public SilentRollbackException(String msg, Throwable cause) {
		super(msg, cause);
	}

}
