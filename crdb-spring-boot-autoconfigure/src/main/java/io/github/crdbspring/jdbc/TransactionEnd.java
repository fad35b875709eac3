package io.github.crdbspring.jdbc;

/**
 * How the last transaction on a {@link GuardedConnection} ended.
 *
 * @since 0.1.0
 * @see GuardedConnection#transactionEnd()
 */
public enum TransactionEnd {

	/**
	 * It has not ended, or none has begun yet.
	 */
	OPEN,

	/**
	 * COMMIT succeeded, or the server answered that it had.
	 */
	COMMITTED,

	/**
	 * Certainly not committed.
	 */
	ROLLED_BACK,

	/**
	 * COMMIT was sent, and its answer is missing or leaves the outcome open.
	 */
	UNKNOWN,

	/**
	 * By a statement and not by {@code commit()} or {@code rollback()}: what came before
	 * that statement is committed or lost, whatever became of the rest.
	 */
	ELSEWHERE

}
