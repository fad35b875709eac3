package io.github.crdbspring.transaction;

/**
 * What happens when the answer to COMMIT does not tell whether the transaction was
 * committed.
 *
 * @since 0.1.0
 */
public enum OutcomePolicy {

	/**
	 * What is configured elsewhere, else {@link #REPORT}.
	 */
	DEFAULT,

	/**
	 * Tell the caller that the outcome is unknown, with an
	 * {@link io.github.crdbspring.error.AmbiguousCommitException}.
	 */
	REPORT,

	/**
	 * Find it out. The transaction leaves a row in the table
	 * {@code crdb_transaction_outcome}, which is sent with COMMIT, in the same round
	 * trip. A transaction that turns out to be committed returns its result, one that
	 * does not is run again, as after a connection that was lost before COMMIT. Read-only
	 * transactions leave no row, as they are run again in any case, and those that join
	 * another one are a part of that.
	 */
	RESOLVE

}
