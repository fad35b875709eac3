package io.github.crdbspring.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Stands before what a guarded connection hands out: statements of every kind, and the
 * metadata. It leads back to the guarded connection, binds parameters that the driver
 * does not know, and on CockroachDB says clearly what the server does not have.
 */
final class StatementGuard implements InvocationHandler {

	private final Object connection;

	private final Object target;

	private final @Nullable ServerInfo cockroach;

	private @Nullable String sql;

	private int maxRows;

	/**
	 * Create a new guard.
	 * @param connection the guarded connection
	 * @param target what is guarded
	 * @param cockroach the server, {@code null} if it is not CockroachDB
	 * @param sql the statement, {@code null} if there is none yet
	 */
	StatementGuard(Object connection, Object target, @Nullable ServerInfo cockroach, @Nullable String sql) {
		this.connection = connection;
		this.target = target;
		this.cockroach = cockroach;
		this.sql = sql;
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		if (method.getName().equals("getConnection")) {
			return this.connection;
		}
		if (method.getName().equals("setObject") && args != null && bind(proxy, args)) {
			return null;
		}
		if (this.cockroach == null) {
			return ProxyCalls.forward(proxy, this.target, method, args);
		}
		switch (method.getName()) {
			case "execute", "executeQuery", "executeUpdate", "executeLargeUpdate", "addBatch" -> {
				if (args != null && args[0] instanceof String text) {
					AdvisoryLocks.refuse(this.cockroach, text);
					this.sql = text;
				}
			}
			case "cancel" -> requireQueryCancel(this.cockroach);
			case "setMaxRows" -> fetchNoMoreThan(args);
			default -> {
			}
		}
		try {
			return ProxyCalls.forward(proxy, this.target, method, args);
		}
		catch (SQLException ex) {
			throw MissingFeature.explain(this.sql, ex);
		}
	}

	private boolean bind(Object proxy, @Nullable Object[] args) throws SQLException {
		if (this.cockroach != null) {
			ArrayLimits.checkValue(args[1]);
		}
		return ParameterTypes.bind(proxy, args);
	}

	/**
	 * Have a query with a maximum number of rows end with its result set. The driver
	 * closes on the server what it reads with a fetch size; otherwise the query would
	 * stay open there, and the server would do nothing else until the end of the
	 * transaction.
	 */
	private void fetchNoMoreThan(@Nullable Object @Nullable [] args) throws SQLException {
		if (args != null && args[0] instanceof Integer rows && this.target instanceof Statement statement
				&& statement.getFetchSize() == this.maxRows && rows >= 0) {
			statement.setFetchSize(rows);
			this.maxRows = rows;
		}
	}

	/**
	 * Without it the driver's request is taken, and nothing happens.
	 */
	private static void requireQueryCancel(ServerInfo cockroach) throws SQLException {
		if (!cockroach.supports(ServerFeature.QUERY_CANCEL)) {
			throw new SQLFeatureNotSupportedException(
					"CockroachDB " + cockroach.versionText()
							+ " does not act on the driver's request to cancel a statement, which needs CockroachDB "
							+ ServerFeature.QUERY_CANCEL.since()
							+ " or later. Cancel it over another connection, with CrdbSessions.cancelQuery",
					SqlState.FEATURE_NOT_SUPPORTED);
		}
	}

}
