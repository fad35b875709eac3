package io.github.crdbspring.error;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.CannotGetJdbcConnectionException;

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
	 * An established connection was lost.
	 */
	CONNECTION_LOST,

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
	 * batch.
	 * <p>
	 * The search does not look behind this library's own exceptions: they are the result
	 * of a transaction that has ended, whose errors are no reason to run another one
	 * again. {@link FailedTransactionCommitException} is the exception to that; it stands
	 * for the transaction's first error.
	 * @param failure the failure
	 * @return its kind
	 */
	public static FailureKind of(Throwable failure) {
		if (hasSqlState(failure, SqlState.SERIALIZATION_FAILURE::equals)) {
			return SERIALIZATION_FAILURE;
		}
		if (hasSqlState(failure, SqlState::isConnectionLost)) {
			return CONNECTION_LOST;
		}
		if (hasSqlState(failure, SqlState.QUERY_CANCELED::equals)) {
			return QUERY_CANCELED;
		}
		return isOptimisticLock(failure) ? OPTIMISTIC_LOCK : OTHER;
	}

	private static boolean isOptimisticLock(Throwable failure) {
		return Causes.find(failure, OptimisticLocks::isOne, FailureKind::isOpaque) != null
				&& !hasSqlState(failure, (sqlState) -> !sqlState.isEmpty());
	}

	private static boolean hasSqlState(Throwable failure, Predicate<String> match) {
		return find(failure, (ex) -> match.test(ex.getSQLState())) != null;
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
