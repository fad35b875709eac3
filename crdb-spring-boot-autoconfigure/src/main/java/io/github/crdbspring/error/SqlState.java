package io.github.crdbspring.error;

import org.jspecify.annotations.Nullable;

/**
 * The SQLSTATE codes on which retry and outcome depend.
 *
 * @since 0.1.0
 * @see <a href="https://www.cockroachlabs.com/docs/stable/common-errors">CockroachDB:
 * Common Errors</a>
 */
public final class SqlState {

	/**
	 * The transaction conflicted with another one and must be run again by the client.
	 */
	public static final String SERIALIZATION_FAILURE = "40001";

	/**
	 * The server does not know whether the transaction was committed.
	 */
	public static final String STATEMENT_COMPLETION_UNKNOWN = "40003";

	/**
	 * The statement was cancelled, by the client or by a timeout.
	 */
	public static final String QUERY_CANCELED = "57014";

	/**
	 * An earlier error has made the transaction unusable.
	 */
	public static final String IN_FAILED_TRANSACTION = "25P02";

	/**
	 * Something was asked for that the state of the transaction does not allow.
	 */
	public static final String INVALID_TRANSACTION_STATE = "25000";

	/**
	 * PostgreSQL ended the session, since a transaction had been idle for too long.
	 */
	public static final String IDLE_IN_TRANSACTION_TIMEOUT = "25P03";

	/**
	 * A node of the cluster lost its connection to another one. The session is alive, and
	 * nothing of the transaction was committed.
	 */
	public static final String RANGE_UNREACHABLE = "58C01";

	/**
	 * The server does not have a feature.
	 */
	public static final String FEATURE_NOT_SUPPORTED = "0A000";

	/**
	 * A prepared statement does not exist (any more).
	 */
	public static final String NO_PREPARED_STATEMENT = "26000";

	/**
	 * A prepared statement of that name exists already.
	 */
	public static final String DUPLICATE_PREPARED_STATEMENT = "42P05";

	/**
	 * The transaction was committed, but a schema change in it was not carried out.
	 */
	public static final String COMMITTED_WITHOUT_SCHEMA_CHANGE = "XXA00";

	/**
	 * A connection was refused by its server, or is refused by this library.
	 */
	public static final String CONNECTION_REJECTED = "08004";

	/**
	 * The connection does not exist (any more).
	 */
	public static final String CONNECTION_DOES_NOT_EXIST = "08003";

	/**
	 * A transaction that only reads was to write.
	 */
	public static final String READ_ONLY_TRANSACTION = "25006";

	/**
	 * An established connection failed.
	 */
	public static final String CONNECTION_FAILURE = "08006";

	/**
	 * The transaction was rolled back, for no more specific reason.
	 */
	public static final String TRANSACTION_ROLLBACK = "40000";

	/**
	 * A row with the same key is there already.
	 */
	public static final String UNIQUE_VIOLATION = "23505";

	/**
	 * One side did not understand a message of the other.
	 */
	public static final String PROTOCOL_VIOLATION = "08P01";

	private SqlState() {
	}

	/**
	 * Whether the code says that an established connection was lost: class 08 except for
	 * a connection that could not be established (08001, 08004) and a message that the
	 * server does not accept (08P01), and the server's shutdown codes 57P01 to 57P03.
	 * @param sqlState the code, may be {@code null}
	 * @return {@code true} if the connection is gone
	 */
	public static boolean isConnectionLost(@Nullable String sqlState) {
		if (sqlState == null) {
			return false;
		}
		return switch (sqlState) {
			case "08001", CONNECTION_REJECTED, PROTOCOL_VIOLATION -> false;
			case "57P01", "57P02", "57P03" -> true;
			default -> sqlState.startsWith("08");
		};
	}

	/**
	 * Whether the code is of the class of errors that concern the connection. The
	 * connection may be alive, but some pools give it up.
	 * @param sqlState the code, may be {@code null}
	 * @return {@code true} for class 08, and for a connection that is lost
	 */
	public static boolean isConnectionError(@Nullable String sqlState) {
		return isConnectionLost(sqlState) || (sqlState != null && sqlState.startsWith("08"));
	}

	/**
	 * Whether an error with this code, which a server answered COMMIT with, leaves the
	 * outcome of the transaction open: besides a lost connection and 40003 that is a
	 * reply that was not understood, a cancelled COMMIT, since the server may report the
	 * cancellation in place of what happened, and any failure inside the server.
	 * <p>
	 * CockroachDB is asked the other way round, with
	 * {@link #isCertainlyNotCommitted(String)}: it may answer with codes that nobody
	 * foresees.
	 * @param sqlState the code, may be {@code null}
	 * @return {@code true} if the transaction may or may not have been committed
	 */
	public static boolean isCommitOutcomeUnknown(@Nullable String sqlState) {
		return sqlState != null && (sqlState.equals(STATEMENT_COMPLETION_UNKNOWN) || sqlState.startsWith("08")
				|| sqlState.startsWith("53") || sqlState.startsWith("57") || sqlState.startsWith("58")
				|| (sqlState.startsWith("XX") && !sqlState.equals(COMMITTED_WITHOUT_SCHEMA_CHANGE)));
	}

	/**
	 * Whether an error with this code, which CockroachDB answered COMMIT with, says for
	 * certain that nothing was committed: a conflict, a violated constraint, a
	 * transaction that had failed before, and a COMMIT that was refused because a result
	 * set is still open.
	 * @param sqlState the code, may be {@code null}
	 * @return {@code true} if the transaction was certainly not committed
	 */
	public static boolean isCertainlyNotCommitted(@Nullable String sqlState) {
		return sqlState != null && (sqlState.equals(SERIALIZATION_FAILURE) || sqlState.equals(IN_FAILED_TRANSACTION)
				|| sqlState.equals(FEATURE_NOT_SUPPORTED) || sqlState.startsWith("23"));
	}

}
