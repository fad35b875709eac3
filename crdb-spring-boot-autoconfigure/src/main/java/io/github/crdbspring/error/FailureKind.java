package io.github.crdbspring.error;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.util.StringUtils;

/**
 * What kind of failure an exception stands for, decided by SQLSTATE and, where there is
 * one, never by Spring's exception class, which takes an unknown outcome (40003) for a
 * transient lock failure.
 *
 * @since 0.1.0
 */
public enum FailureKind {

	/**
	 * SQLSTATE 40001: the transaction was rolled back because of a conflict and succeeds
	 * when it is run again.
	 */
	SERIALIZATION_FAILURE,

	/**
	 * A connection ended for a limit that was set for it: the client's socket timeout,
	 * the size of a message, or how long a transaction may be idle. Another attempt would
	 * meet it again.
	 */
	CONNECTION_LIMIT_EXCEEDED,

	/**
	 * An established connection was lost.
	 */
	CONNECTION_LOST,

	/**
	 * SQLSTATE 58C01: a node lost its connection to another one while it worked on a
	 * statement. The client's connection is alive.
	 */
	RANGE_UNREACHABLE,

	/**
	 * A prepared statement has to be prepared anew, since its table has changed (SQLSTATE
	 * 0A000, "cached plan must not change result type"), or since the server does not
	 * have the statement that the driver had prepared (26000, 42P05). The server has done
	 * nothing of it.
	 */
	STALE_STATEMENT,

	/**
	 * SQLSTATE 57014: a statement was cancelled, by a timeout or by somebody.
	 */
	QUERY_CANCELED,

	/**
	 * A row was not of the version any more that had been read, as JPA and Spring Data
	 * find out by themselves ({@code @Version}), without an error of the server's.
	 */
	OPTIMISTIC_LOCK,

	/**
	 * Anything else: running the transaction again would not help, or is not known to be
	 * safe.
	 */
	OTHER;

	/**
	 * Classify a failure, looking through its causes and the chained exceptions of a
	 * batch. Of several kinds the first in the order of this enum counts.
	 * <p>
	 * The search does not look behind this library's own exceptions: they are the result
	 * of a transaction that has ended, whose errors are no reason to run another one
	 * again. {@link FailedTransactionCommitException} is the exception to that; it stands
	 * for the transaction's first error.
	 * @param failure the failure
	 * @return its kind
	 */
	public static FailureKind of(Throwable failure) {
		Set<FailureKind> kinds = EnumSet.of(OTHER);
		boolean sqlError = false;
		for (Throwable candidate : Causes.of(failure, FailureKind::isOpaque)) {
			kinds.add(kindOf(candidate));
			sqlError = sqlError || (candidate instanceof SQLException ex && StringUtils.hasLength(ex.getSQLState()));
		}
		if (sqlError) {
			kinds.remove(OPTIMISTIC_LOCK);
		}
		return kinds.iterator().next();
	}

	/**
	 * Whether a failure is, or hides, one of something else than the current transaction:
	 * another transaction of this library's that has ended, or a pool that had no
	 * connection to give.
	 * @param failure the failure
	 * @return {@code true} if it says nothing about the current transaction
	 */
	public static boolean isUnrelated(Throwable failure) {
		return Causes.find(failure, FailureKind::isOpaque, (candidate) -> false) != null;
	}

	private static FailureKind kindOf(Throwable candidate) {
		if (isOpaque(candidate)) {
			return OTHER;
		}
		if (candidate instanceof ConnectionLimitExceededException) {
			return CONNECTION_LIMIT_EXCEEDED;
		}
		if (candidate instanceof SQLException ex && ex.getSQLState() != null) {
			String sqlState = ex.getSQLState();
			if (SqlState.isConnectionLost(sqlState)) {
				return givenUpByClient(ex) ? CONNECTION_LIMIT_EXCEEDED : CONNECTION_LOST;
			}
			if (StaleStatementErrors.isOne(ex)) {
				return STALE_STATEMENT;
			}
			return switch (sqlState) {
				case SqlState.IDLE_IN_TRANSACTION_TIMEOUT -> CONNECTION_LIMIT_EXCEEDED;
				case SqlState.SERIALIZATION_FAILURE -> SERIALIZATION_FAILURE;
				case SqlState.RANGE_UNREACHABLE -> RANGE_UNREACHABLE;
				case SqlState.QUERY_CANCELED -> QUERY_CANCELED;
				default -> OTHER;
			};
		}
		return OptimisticLocks.isOne(candidate) ? OPTIMISTIC_LOCK : OTHER;
	}

	/**
	 * Whether it was the client that did not want to wait any longer.
	 */
	private static boolean givenUpByClient(SQLException lost) {
		return Causes.find(lost, SocketTimeoutException.class) != null;
	}

	/**
	 * Find the nearest match among the errors with a SQLSTATE, where the search may look.
	 */
	static @Nullable SQLException find(Throwable failure, Predicate<SQLException> match) {
		return (SQLException) Causes.find(failure,
				(candidate) -> candidate instanceof SQLException ex && ex.getSQLState() != null && match.test(ex),
				FailureKind::isOpaque);
	}

	/**
	 * Whether nothing behind this exception may be taken for a failure of the current
	 * transaction: the result of another one, or a pool that had no connection to give.
	 */
	private static boolean isOpaque(Throwable candidate) {
		return candidate instanceof CompletedTransactionFailure || candidate instanceof CannotGetJdbcConnectionException
				|| candidate instanceof SQLTransientConnectionException;
	}

}
