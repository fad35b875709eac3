package io.github.crdbspring.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Method;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

import org.springframework.util.StringUtils;

/**
 * A prepared statement that may become the first of a transaction whose options are to
 * travel with it. As long as nobody knows how it will be executed, it only remembers what
 * is set; executed as one text with the options, it is prepared anew.
 */
final class PipelinedStatement {

	private static final Method EXECUTE = execute(PreparedStatement.class);

	private static final Method EXECUTE_TEXT = execute(Statement.class, String.class);

	private final Connection connection;

	private final String sql;

	private final List<Setting> settings = new ArrayList<>();

	private boolean repeatable = true;

	private @Nullable PreparedStatement sent;

	PipelinedStatement(Connection connection, String sql) {
		this.connection = connection;
		this.sql = sql;
	}

	/**
	 * Remember what is set.
	 */
	void set(Method method, @Nullable Object @Nullable [] args) {
		if (args != null) {
			for (Object arg : args) {
				// What can be read but once is not to be read for nothing
				this.repeatable = this.repeatable && !(arg instanceof InputStream || arg instanceof Reader
						|| arg instanceof Blob || arg instanceof Clob || arg instanceof SQLXML);
			}
		}
		this.settings.add(new Setting(method, (args != null) ? args.clone() : null));
	}

	boolean isRepeatable() {
		return this.repeatable;
	}

	/**
	 * Return the statement whose results are to be read.
	 * @return the statement, {@code null} unless it was the last one to be executed
	 */
	@Nullable Statement sent() {
		return this.sent;
	}

	/**
	 * Execute the statement after the options, all in one round trip.
	 * @param original the statement that was prepared on its own
	 * @param name the method that was called
	 */
	@Nullable Object execute(Statement original, String options, String name, Sender sender) throws Throwable {
		close();
		PreparedStatement statement = this.connection.prepareStatement(join(options, this.sql));
		this.sent = statement;
		for (Setting setting : this.settings) {
			ProxyCalls.call(statement, setting.method(), setting.args());
		}
		// Not only set from outside: it follows the maximum of rows
		statement.setFetchSize(original.getFetchSize());
		sender.send(statement, EXECUTE, null);
		return result(statement, options, name);
	}

	/**
	 * Execute a statement that is not prepared likewise.
	 */
	static @Nullable Object execute(Statement statement, String sql, String options, String name, Sender sender)
			throws Throwable {
		sender.send(statement, EXECUTE_TEXT, new Object[] { join(options, sql) });
		return result(statement, options, name);
	}

	void close() throws SQLException {
		PreparedStatement statement = this.sent;
		this.sent = null;
		if (statement != null) {
			statement.close();
		}
	}

	/**
	 * Whether a method's result can be told from those of the options.
	 */
	static boolean canExecute(String method) {
		return switch (method) {
			case "execute", "executeQuery", "executeUpdate", "executeLargeUpdate" -> true;
			default -> false;
		};
	}

	/**
	 * Find out whether driver, server and what is between them give the statement's
	 * results after those of the options.
	 * @param connection a connection in auto-commit mode
	 * @return why not, {@code null} if they do
	 * @throws SQLException if the connection was lost
	 */
	static @Nullable String test(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		String problem;
		try (PreparedStatement statement = connection
			.prepareStatement(join("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT CAST(? AS INT)"))) {
			statement.setInt(1, 1);
			statement.execute();
			problem = isNext(statement) ? null
					: "the result of a statement after SET TRANSACTION is not where it belongs";
		}
		catch (SQLException ex) {
			if (connection.isClosed()) {
				throw ex;
			}
			problem = "SET TRANSACTION cannot be sent together with a statement: " + ex.getMessage();
		}
		connection.rollback();
		connection.setAutoCommit(true);
		return problem;
	}

	private static boolean isNext(Statement statement) throws SQLException {
		if (!statement.getMoreResults()) {
			return false;
		}
		try (ResultSet row = statement.getResultSet()) {
			return row.next() && row.getInt(1) == 1;
		}
	}

	private static String join(String options, String sql) {
		return options + ";" + sql;
	}

	/**
	 * Skip the results of the options, of which each statement has one, and return what
	 * the method would have returned.
	 */
	private static @Nullable Object result(Statement statement, String options, String name) throws SQLException {
		boolean rows = false;
		for (int i = StringUtils.countOccurrencesOf(options, ";"); i >= 0; i--) {
			rows = statement.getMoreResults();
		}
		switch (name) {
			case "execute" -> {
				return rows;
			}
			case "executeQuery" -> {
				if (!rows) {
					throw new SQLException("No results were returned by the query", PSQLState.NO_DATA.getState());
				}
				return statement.getResultSet();
			}
			default -> {
				if (rows) {
					throw new SQLException("A result was returned when none was expected",
							PSQLState.TOO_MANY_RESULTS.getState());
				}
				long count = Math.max(statement.getLargeUpdateCount(), 0);
				return name.equals("executeUpdate") ? (Object) Math.toIntExact(count) : (Object) count;
			}
		}
	}

	private static Method execute(Class<?> type, Class<?>... parameters) {
		try {
			return type.getMethod("execute", parameters);
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException("A method of JDBC is missing", ex);
		}
	}

	/**
	 * Sends a statement.
	 */
	interface Sender {

		@Nullable Object send(Statement statement, Method method, @Nullable Object @Nullable [] args) throws Throwable;

	}

	/**
	 * What was set.
	 *
	 * @param method the method
	 * @param args its arguments
	 */
	private record Setting(Method method, @Nullable Object @Nullable [] args) {

	}

}
