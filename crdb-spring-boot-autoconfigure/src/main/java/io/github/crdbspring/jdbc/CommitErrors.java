package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Says what an error of COMMIT means for the outcome, as far as that depends on the
 * server.
 */
final class CommitErrors {

	private final @Nullable ServerInfo serverInfo;

	/**
	 * Whether this server may have committed a transaction of a weaker isolation level
	 * than SERIALIZABLE although it answered with an error that otherwise is certain.
	 */
	private final boolean weakIsolationIsUncertain;

	CommitErrors(@Nullable ServerInfo serverInfo) {
		this.serverInfo = serverInfo;
		this.weakIsolationIsUncertain = serverInfo != null && serverInfo.isCockroach()
				&& serverInfo.supports(ServerFeature.READ_COMMITTED)
				&& !serverInfo.supports(ServerFeature.CERTAIN_WEAK_COMMIT_ERRORS);
	}

	boolean isCockroach() {
		return this.serverInfo != null && this.serverInfo.isCockroach();
	}

	boolean commitsBeforeSchemaChange() {
		return this.serverInfo != null && this.serverInfo.supports(ServerFeature.AUTOCOMMIT_BEFORE_DDL);
	}

	/**
	 * Whether a statement sets an isolation level at which errors are less certain.
	 */
	boolean areWeakenedBy(StatementText statement) {
		return this.weakIsolationIsUncertain && statement.weakensIsolation();
	}

	/**
	 * Return how a transaction ended. An unknown server is treated like CockroachDB,
	 * where more errors of COMMIT leave the outcome open.
	 * @param failure the error of COMMIT
	 * @param connection the connection, whose transaction is over
	 * @param weakIsolation whether the transaction was given a weaker isolation level
	 * than SERIALIZABLE
	 */
	TransactionEnd outcomeOf(SQLException failure, Connection connection, boolean weakIsolation) {
		String sqlState = failure.getSQLState();
		if (SqlState.COMMITTED_WITHOUT_SCHEMA_CHANGE.equals(sqlState)) {
			return TransactionEnd.COMMITTED;
		}
		boolean postgres = this.serverInfo != null && !isCockroach();
		boolean unknown = postgres ? !StringUtils.hasLength(sqlState) || SqlState.isCommitOutcomeUnknown(sqlState)
				: !SqlState.isCertainlyNotCommitted(sqlState) || isUncertain(sqlState, connection, weakIsolation);
		return unknown ? TransactionEnd.UNKNOWN : TransactionEnd.ROLLED_BACK;
	}

	private boolean isUncertain(@Nullable String sqlState, Connection connection, boolean weakIsolation) {
		return this.weakIsolationIsUncertain && !SqlState.SERIALIZATION_FAILURE.equals(sqlState)
				&& (weakIsolation || isSessionWeak(connection));
	}

	/**
	 * The transaction is over, so that the session tells the level that its transactions
	 * have by default.
	 */
	private static boolean isSessionWeak(Connection connection) {
		try {
			return connection.getTransactionIsolation() != Connection.TRANSACTION_SERIALIZABLE;
		}
		catch (SQLException ex) {
			return true;
		}
	}

	/**
	 * Make the exception for an outcome that is unknown.
	 */
	static CommitOutcomeUnknownException outcomeUnknown(Throwable cause) {
		return new CommitOutcomeUnknownException(
				"The transaction may or may not have been committed: COMMIT was sent, and failed with: "
						+ cause.getMessage(),
				cause);
	}

	/**
	 * Make the exception for a transaction of which has been found out that it was not
	 * committed. To whoever retries it is one whose connection was lost before COMMIT.
	 */
	static SQLException notCommitted(Throwable cause) {
		SQLException notCommitted = new SQLException(
				"COMMIT failed, and the transaction was found not to be committed: " + cause.getMessage(),
				SqlState.CONNECTION_FAILURE);
		// Not as the cause: what it is says nothing about another attempt any more
		notCommitted.addSuppressed(cause);
		return notCommitted;
	}

	/**
	 * Make the exception for a transaction whose mark could not be written, so that
	 * COMMIT did not run.
	 */
	static SQLException markRefused(SQLException failure, CommitMark mark) {
		if (SqlState.SERIALIZATION_FAILURE.equals(failure.getSQLState())) {
			return failure;
		}
		if (SqlState.UNIQUE_VIOLATION.equals(failure.getSQLState())) {
			return new SQLException(
					"The transaction was not committed: somebody has asked for the outcome of " + mark.id()
							+ " before its COMMIT arrived, and was told that it will never be committed",
					SqlState.TRANSACTION_ROLLBACK, failure);
		}
		String advice = SqlState.READ_ONLY_TRANSACTION.equals(failure.getSQLState())
				? ". A transaction that must not write has to be declared read-only" : "";
		return new SQLException("The transaction was not committed, since its row in crdb_transaction_outcome was "
				+ "refused: " + failure.getMessage() + advice, failure.getSQLState(), failure);
	}

}
