package io.github.crdbspring.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Set;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.SqlState;
import io.github.crdbspring.type.SqlArray;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

import org.springframework.util.Assert;

/**
 * Turns a connection into a {@link GuardedConnection}. Everything but the end of a
 * transaction is forwarded; what a connection hands out leads back to the guarded one.
 * What CockroachDB does not have is refused, or its error explained.
 */
final class ConnectionGuard implements InvocationHandler {

	/**
	 * How Spring Data names the types of elements that have no name of their own for it.
	 * The driver does not know them.
	 */
	private static final Set<String> NO_TYPES = Set.of("UNKNOWN", "TIMESTAMP_WITH_TIMEZONE", "TIME_WITH_TIMEZONE");

	private static final Log logger = LogFactory.getLog(ConnectionGuard.class);

	private final Connection target;

	private final @Nullable ServerInfo cockroach;

	private boolean commitFailed;

	private ConnectionGuard(Connection target, @Nullable ServerInfo serverInfo) {
		this.target = target;
		this.cockroach = (serverInfo != null && serverInfo.isCockroach()) ? serverInfo : null;
	}

	static Connection guard(Connection target, @Nullable ServerInfo serverInfo) {
		return ProxyCalls.newProxy(GuardedConnection.class, new ConnectionGuard(target, serverInfo));
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		try {
			return guard(proxy, method, args);
		}
		catch (SQLException ex) {
			throw (this.cockroach != null) ? MissingFeature.explain(null, ex) : ex;
		}
	}

	private @Nullable Object guard(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		switch (method.getName()) {
			case "commit" -> {
				commit();
				return null;
			}
			case "rollback" -> {
				if (args == null) {
					rollback();
					return null;
				}
			}
			case "setAutoCommit" -> {
				Assert.state(args != null, "setAutoCommit has an argument");
				if (Boolean.TRUE.equals(args[0]) && isInTransaction()) {
					endTransaction(() -> this.target.setAutoCommit(true));
					return null;
				}
			}
			case "setSavepoint" -> requireSavepoints();
			case "setTransactionIsolation" -> {
				if (this.cockroach != null && args != null && args[0] instanceof Integer level) {
					IsolationLevels.tellIfUpgraded(this.cockroach, level);
				}
			}
			case "createArrayOf" -> {
				if (this.cockroach != null) {
					ArrayLimits.checkNewArray(args);
				}
				if (args != null && args[0] instanceof String type && NO_TYPES.contains(type)
						&& args[1] instanceof Object[] elements) {
					return SqlArray.of(elements).create(this.target);
				}
			}
			case "findTransactionFailure" -> {
				return findTransactionFailure();
			}
			case "getTargetConnection" -> {
				return this.target;
			}
			case "createStatement" -> {
				return child(proxy, Statement.class, method, args);
			}
			case "prepareStatement" -> {
				return child(proxy, PreparedStatement.class, method, args);
			}
			case "prepareCall" -> {
				return child(proxy, CallableStatement.class, method, args);
			}
			case "getMetaData" -> {
				return child(proxy, DatabaseMetaData.class, method, args);
			}
			default -> {
			}
		}
		return ProxyCalls.forward(proxy, this.target, method, args);
	}

	private void commit() throws SQLException {
		endTransaction(this.target::commit);
	}

	/**
	 * Commit, and tell apart: not committed because it had failed before, unknown because
	 * the answer to COMMIT did not arrive, and an error that the server answered.
	 */
	private void endTransaction(SqlAction commit) throws SQLException {
		this.commitFailed = false;
		SQLException failure = findTransactionFailure();
		if (failure != null) {
			throw rollBackFailedTransaction(failure);
		}
		try {
			commit.run();
		}
		catch (SQLException ex) {
			this.commitFailed = true;
			if (ex.getSQLState() == null || SqlState.isCommitOutcomeUnknown(ex.getSQLState())) {
				throw outcomeUnknown(ex);
			}
			throw ex;
		}
		catch (RuntimeException ex) {
			this.commitFailed = true;
			throw outcomeUnknown(ex);
		}
	}

	private FailedTransactionCommitException rollBackFailedTransaction(SQLException failure) {
		FailedTransactionCommitException exception = new FailedTransactionCommitException(
				"COMMIT was not sent, since the transaction had already failed: " + failure.getMessage(),
				failure.getSQLState(), failure);
		this.commitFailed = true;
		try {
			this.target.rollback();
		}
		catch (SQLException ex) {
			exception.addSuppressed(ex);
		}
		return exception;
	}

	private static CommitOutcomeUnknownException outcomeUnknown(Exception cause) {
		return new CommitOutcomeUnknownException(
				"The transaction may or may not have been committed: COMMIT was sent, and failed with: "
						+ cause.getMessage(),
				cause);
	}

	private void rollback() throws SQLException {
		try {
			this.target.rollback();
		}
		catch (SQLException ex) {
			if (!this.commitFailed) {
				throw ex;
			}
			logger.debug("Rollback failed after a failed commit, which had ended the transaction", ex);
		}
		finally {
			this.commitFailed = false;
		}
	}

	private @Nullable SQLException findTransactionFailure() throws SQLException {
		if (this.target.isClosed()) {
			return new SQLException("The connection was lost before COMMIT was sent",
					SqlState.CONNECTION_DOES_NOT_EXIST);
		}
		if (!this.target.isWrapperFor(BaseConnection.class)
				|| this.target.unwrap(BaseConnection.class).getTransactionState() != TransactionState.FAILED) {
			return null;
		}
		try (Statement statement = this.target.createStatement()) {
			statement.execute("SELECT 1");
			return null;
		}
		catch (SQLException ex) {
			return firstError(ex);
		}
	}

	/**
	 * The driver remembers the error that made a transaction fail, and makes it the cause
	 * of the 25P02 that every later statement is answered with.
	 */
	private static SQLException firstError(SQLException ex) {
		boolean afterFailure = SqlState.IN_FAILED_TRANSACTION.equals(ex.getSQLState());
		return (afterFailure && ex.getCause() instanceof SQLException first) ? first : ex;
	}

	private boolean isInTransaction() throws SQLException {
		return !this.target.isClosed() && !this.target.getAutoCommit();
	}

	private void requireSavepoints() throws SQLException {
		if (this.cockroach != null && !this.cockroach.supports(ServerFeature.SAVEPOINTS)) {
			throw new SQLFeatureNotSupportedException(
					this.cockroach.description() + " has no nested savepoints; they need CockroachDB "
							+ ServerFeature.SAVEPOINTS.since() + " or later",
					SqlState.FEATURE_NOT_SUPPORTED);
		}
	}

	private <T> T child(Object connection, Class<T> type, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		String sql = (args != null && args[0] instanceof String text) ? text : null;
		if (this.cockroach != null && sql != null) {
			AdvisoryLocks.refuse(this.cockroach, sql);
		}
		Object child = ProxyCalls.call(this.target, method, args);
		Assert.state(child != null, () -> method.getName() + " returned null");
		return ProxyCalls.newProxy(type, new StatementGuard(connection, child, this.cockroach, sql));
	}

	/**
	 * A step that ends a transaction.
	 */
	private interface SqlAction {

		void run() throws SQLException;

	}

}
