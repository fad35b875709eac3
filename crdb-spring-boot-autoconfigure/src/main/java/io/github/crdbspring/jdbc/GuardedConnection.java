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
 * <li>a failure of the connection, or SQLSTATE 40003, while COMMIT is in flight becomes
 * {@link io.github.crdbspring.error.CommitOutcomeUnknownException},</li>
 * <li>a {@code rollback()} after a commit that failed passes quietly, since the
 * transaction is over whatever it says.</li>
 * </ul>
 * {@code setAutoCommit(true)} inside a transaction is a commit and is guarded like one.
 * Like any connection it is to be used by one thread at a time.
 *
 * @since 0.1.0
 */
public interface GuardedConnection extends ConnectionProxy {

	/**
	 * Find out whether the current transaction has already failed on the server, or its
	 * connection is gone, so that it can only be rolled back. Sends a statement only if
	 * it has failed.
	 * @return the transaction's first error as far as it is known, {@code null} if the
	 * transaction can go on
	 * @throws SQLException if the connection does not tell
	 */
	@Nullable SQLException findTransactionFailure() throws SQLException;

}
