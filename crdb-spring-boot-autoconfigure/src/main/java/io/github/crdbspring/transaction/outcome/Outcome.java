package io.github.crdbspring.transaction.outcome;

/**
 * What became of a transaction.
 *
 * @since 0.1.0
 * @see TransactionOutcomes#resolve(java.util.UUID)
 */
public enum Outcome {

	/**
	 * It was committed.
	 */
	COMMITTED,

	/**
	 * It was not committed, and never will be.
	 */
	NOT_COMMITTED

}
