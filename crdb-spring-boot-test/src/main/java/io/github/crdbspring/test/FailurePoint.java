package io.github.crdbspring.test;

/**
 * Where a transaction is made to fail, and with what. What the server would do is really
 * done, so that the data afterwards is that of such a failure.
 *
 * @since 0.1.0
 * @see InjectRetries#at()
 */
public enum FailurePoint {

	/**
	 * A statement is executed and fails all the same, with SQLSTATE 40001. The server's
	 * transaction has failed with it: whatever comes next in it fails, too.
	 */
	STATEMENT,

	/**
	 * COMMIT fails with SQLSTATE 40001, and the transaction is rolled back. Its code has
	 * run to its end by then.
	 */
	COMMIT,

	/**
	 * COMMIT is sent and succeeds, but is answered with SQLSTATE 40003: to the caller,
	 * the transaction may or may not have been committed.
	 */
	AMBIGUOUS_COMMITTED,

	/**
	 * The same to the caller, but the transaction is rolled back.
	 */
	AMBIGUOUS_ROLLED_BACK,

	/**
	 * The connection is closed once a statement has been executed, which fails with
	 * SQLSTATE 08006. The server rolls back.
	 */
	CONNECTION_LOST,

	/**
	 * COMMIT fails as at {@link #COMMIT}, and the transaction's timeout has passed, so
	 * that there is no time for another attempt: to the caller, a
	 * {@code TransactionDeadlineExceededException}. No time is spent on it. Only for
	 * transactions that have a timeout.
	 */
	DEADLINE

}
