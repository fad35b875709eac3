package io.github.crdbspring.test;

import java.io.EOFException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.crdbspring.jdbc.FaultInjector;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/**
 * Has a server fail on one connection, and makes the exceptions that the driver would
 * throw.
 */
final class ServerFailures {

	private static final String RESTART = "restart transaction: TransactionRetryWithProtoRefreshError: "
			+ "TransactionRetryError: retry txn (RETRY_SERIALIZABLE - injected by the test)";

	private static final String AMBIGUOUS = "result is ambiguous: the answer to COMMIT was lost (injected by the test)";

	private final Connection connection;

	ServerFailures(Connection connection) {
		this.connection = connection;
	}

	/**
	 * Have the transaction fail with 40001, by a statement that fails with it where the
	 * server has one, else by any that fails.
	 */
	SQLException failStatement() throws SQLException {
		SQLException failure = fail(isCockroach() ? "SELECT crdb_internal.force_error('40001', '" + RESTART + "')"
				: "DO $$ BEGIN RAISE SQLSTATE '40001' USING MESSAGE = '" + RESTART + "'; END $$");
		return "40001".equals(failure.getSQLState()) ? failure : restart();
	}

	/**
	 * Require a server that can be told to fail.
	 * @throws IllegalStateException if it is another one
	 */
	void requireFeature(FailurePoint point) throws SQLException {
		ServerFeature feature = (point == FailurePoint.COMMIT) ? ServerFeature.INJECTED_COMMIT_ERRORS
				: ServerFeature.INJECTED_RETRY_ERRORS;
		ServerInfo serverInfo = ServerInfo.of(this.connection);
		if (!serverInfo.supports(feature)) {
			throw new IllegalStateException("A failure of the server's own making at " + point + " takes CockroachDB "
					+ feature.since() + ", but this is " + serverInfo.description()
					+ ". Without 'server' the same failure is made on any server");
		}
	}

	/**
	 * Have the server fail by itself at the next statement.
	 */
	SQLException failByItself() throws SQLException {
		set("inject_retry_errors_enabled");
		return fail("SELECT 1");
	}

	/**
	 * Have the server fail by itself at COMMIT.
	 */
	void failCommitByItself(FaultInjector.Commit commit) throws SQLException {
		set("inject_retry_errors_on_commit_enabled");
		commit.send();
		throw new IllegalStateException("The server did not fail at COMMIT, but was told to");
	}

	/**
	 * Only for the transaction.
	 */
	private void set(String variable) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("SET LOCAL " + variable + " = true");
		}
	}

	private boolean isCockroach() throws SQLException {
		return this.connection.unwrap(PGConnection.class).getParameterStatus("crdb_version") != null;
	}

	private SQLException fail(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			return ex;
		}
		throw new IllegalStateException("The server did not fail where it was told to: " + sql);
	}

	/**
	 * Close the connection to the server, and let the pool know.
	 */
	SQLException loseConnection() throws SQLException {
		if (this.connection.unwrap(PGConnection.class) instanceof Connection driver) {
			driver.abort(Runnable::run);
		}
		PSQLException failure = new PSQLException("An I/O error occurred while sending to the backend.",
				PSQLState.CONNECTION_FAILURE, new EOFException("Closed by the test"));
		try {
			fail("SELECT 1");
		}
		catch (IllegalStateException ex) {
			failure.addSuppressed(ex);
		}
		return failure;
	}

	SQLException restart() {
		return answer("40001", RESTART);
	}

	SQLException ambiguous() {
		return answer("40003", AMBIGUOUS);
	}

	private static SQLException answer(String sqlState, String message) {
		return new PSQLException(new ServerErrorMessage("SERROR\0VERROR\0C" + sqlState + "\0M" + message + "\0"));
	}

}
