package io.github.crdbspring.error;

import org.springframework.transaction.TransactionException;

/**
 * The transaction was committed, and something failed afterwards that belongs to COMMIT
 * itself: a schema change that was not carried out (SQLSTATE XXA00), or the transaction
 * manager's own work after the commit, such as a listener of Hibernate's. The cause says
 * what. Never run again.
 *
 * @since 0.1.0
 * @see <a href= "https://www.cockroachlabs.com/docs/stable/common-errors">CockroachDB:
 * Common Errors</a>
 */
@SuppressWarnings("serial")
public class CommittedTransactionException extends TransactionException implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param msg what was committed, and what failed
	 * @param cause the failure after the commit
	 */
	public CommittedTransactionException(String msg, Throwable cause) {
		super(msg, cause);
	}

}
