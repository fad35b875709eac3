package io.github.crdbspring.transaction;

/**
 * What happens when a transaction is asked for while another one is active on the same
 * DataSource. One that joins is part of the outer attempt: it has no retry of its own,
 * and a retryable error in it runs the outermost transaction again.
 *
 * @since 0.1.0
 */
public enum NestedTransactionPolicy {

	/**
	 * What is configured elsewhere, else {@link #JOIN}.
	 */
	DEFAULT,

	/**
	 * Join a transaction that this library began. Any other one is rejected, since its
	 * owner would not run it again.
	 */
	JOIN,

	/**
	 * Join any transaction. One begun by others is not run again on a retryable error.
	 */
	JOIN_ANY,

	/**
	 * Reject the nested transaction.
	 */
	REJECT,

	/**
	 * Begin a transaction of its own on a second connection, which is committed and run
	 * again by itself, whatever becomes of the outer one. Also for callbacks after the
	 * commit of the outer one, such as those of {@code @TransactionalEventListener}.
	 */
	REQUIRES_NEW

}
