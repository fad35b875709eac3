package io.github.crdbspring.transaction;

/**
 * How a transaction ended.
 *
 * @since 0.1.0
 */
public enum TransactionOutcome {

	/**
	 * It was committed.
	 */
	COMMITTED,

	/**
	 * It was certainly not committed: rolled back because of a failure that is not
	 * retried, or because the callback asked for it, or no connection could be had.
	 */
	ROLLED_BACK,

	/**
	 * It was certainly not committed: every attempt failed with a retryable error.
	 */
	EXHAUSTED,

	/**
	 * It was certainly not committed: its timeout left no room for another attempt.
	 */
	DEADLINE,

	/**
	 * It may or may not have been committed, or a statement of its own committed a part
	 * of it.
	 */
	AMBIGUOUS,

	/**
	 * It did not begin: it must not run inside the transaction that is active, or the
	 * server does not have one of its options.
	 */
	REJECTED

}
