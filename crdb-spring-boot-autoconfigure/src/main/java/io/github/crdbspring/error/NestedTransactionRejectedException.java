package io.github.crdbspring.error;

import org.springframework.transaction.IllegalTransactionStateException;

/**
 * A transaction was asked for while another one is active on the same DataSource, and the
 * nesting policy, or a contradiction between the two, does not let it join. No SQL was
 * sent, and no second connection was taken.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class NestedTransactionRejectedException extends IllegalTransactionStateException
		implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param msg why the nesting is rejected, and what to do
	 */
	public NestedTransactionRejectedException(String msg) {
		super(msg);
	}

}
