package io.github.crdbspring.jdbc;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionProxy;

/**
 * A connection of a {@link CrdbDataSource}, whose commit never reports a success that did
 * not happen, and never hides that the outcome is unknown:
 * <ul>
 * <li>{@code commit()} of a transaction that has already failed on the server rolls back
 * and throws {@link io.github.crdbspring.error.FailedTransactionCommitException},</li>
 * <li>an error of COMMIT that does not say for certain that nothing was committed, such
 * as a lost connection or SQLSTATE 40003, becomes
 * {@link io.github.crdbspring.error.CommitOutcomeUnknownException},</li>
 * <li>a {@code rollback()} after a commit that failed passes quietly, since the
 * transaction is over whatever it says,</li>
 * <li>a statement that ends the transaction itself, such as {@code COMMIT} as text, is
 * noticed; where the transaction had already failed it fails, too.</li>
 * </ul>
 * {@code setAutoCommit(true)} inside a transaction is a commit and is guarded like one.
 * Statements, result sets, arrays and metadata lead back to this connection;
 * {@code unwrap} reaches the driver, whose connection nobody guards. Like any connection
 * it is to be used by one thread at a time.
 *
 * @since 0.1.0
 */
public interface GuardedConnection extends ConnectionProxy {

	/**
	 * Return how the last transaction on this connection ended. Still known when the
	 * connection has been closed.
	 * @return the end of the last transaction
	 */
	TransactionEnd transactionEnd();

	/**
	 * Find out whether the current transaction has already failed on the server, or its
	 * connection is gone, so that it can only be rolled back. Sends a statement only if
	 * it has failed in a way that this connection did not see.
	 * @return the first error of the transaction, or of the last one after its end, as
	 * far as it is known; {@code null} if there is none
	 * @throws SQLException if the connection does not tell
	 */
	@Nullable SQLException findTransactionFailure() throws SQLException;

	/**
	 * Whether the physical connection was lost before this one was closed.
	 * @return {@code true} if no statement can reach the server any more
	 */
	boolean isLost();

	/**
	 * Forget how an earlier transaction ended, and accompany the current one until its
	 * end.
	 * @param companion is told what happens to the transaction
	 */
	void accompany(Companion companion);

	/**
	 * Have the options of a transaction that is about to begin sent together with its
	 * first statement, in one round trip. An error in them is one of that statement.
	 * @param options what sets them: statements without parameters and literals with
	 * semicolons, separated by semicolons
	 * @return {@code false} if that is not to be done on this connection, so that the
	 * caller has to execute them
	 */
	boolean sendWithFirstStatement(String options);

	/**
	 * Accompanies one transaction.
	 */
	interface Companion {

		/**
		 * Called immediately before COMMIT is sent, after everything else that may happen
		 * before it.
		 * @throws RuntimeException if the transaction must not be committed; nothing is
		 * sent then
		 */
		void beforeCommit();

		/**
		 * Return what the transaction leaves behind with its COMMIT. Asked immediately
		 * before that is sent.
		 * @return the mark, {@code null} for none
		 */
		default @Nullable CommitMark commitMark() {
			return null;
		}

		/**
		 * Called when the transaction was rolled back to a savepoint, which undoes what
		 * failed after it.
		 */
		void rolledBackToSavepoint();

		/**
		 * Called when a statement has ended the transaction. What follows on the
		 * connection is another one.
		 * @param statement the statement, without its literals
		 * @param rollback whether it says that it rolls back; otherwise what came before
		 * it is committed
		 */
		void endedBy(String statement, boolean rollback);

		/**
		 * Called last, when the transaction has ended. What follows on the connection,
		 * such as a statement of a callback after the commit, is another one.
		 * @param end how it ended
		 */
		void ended(TransactionEnd end);

		/**
		 * Whether whoever began the transaction is ending it. A {@code commit()} or
		 * {@code rollback()} at any other time is somebody else's, and counts as a
		 * statement that ends it.
		 * @return {@code true} from right before the commit or rollback on
		 */
		default boolean isEnding() {
			return true;
		}

		/**
		 * Whether the transaction is over to whoever began it. If the server has it still
		 * open, it is rolled back when auto-commit is switched on, which would commit it.
		 * @return {@code false} if auto-commit must not be switched on
		 */
		boolean isOver();

	}

}
