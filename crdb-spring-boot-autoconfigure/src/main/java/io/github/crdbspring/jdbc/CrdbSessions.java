package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.util.Assert;

/**
 * Lists the sessions and running queries of a CockroachDB cluster, and cancels them by
 * their id.
 * <p>
 * Everybody sees and cancels what is their own. What other users do is seen with the
 * privilege {@code VIEWACTIVITY} (or {@code VIEWACTIVITYREDACTED}, without constants),
 * and cancelled with {@code CANCELQUERY} beside it, but for that of administrators.
 * <p>
 * Each call asks all nodes of the cluster, over a connection of its own, whatever
 * transaction the caller is in. A pool whose connections are all in use has none to
 * spare: give this class a DataSource of its own where it has to help then.
 * <p>
 * Thread-safe if the DataSource is. On another server than CockroachDB every method
 * throws {@link InvalidDataAccessApiUsageException}.
 *
 * @since 0.1.0
 * @see <a href="https://www.cockroachlabs.com/docs/stable/show-sessions">CockroachDB:
 * SHOW SESSIONS</a>
 * @see <a href="https://www.cockroachlabs.com/docs/stable/cancel-query">CockroachDB:
 * CANCEL QUERY</a>
 */
public class CrdbSessions {

	// 128 bits, as every version writes them
	private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

	private final DataSource dataSource;

	/**
	 * Create a new instance. Opens no connection.
	 * @param dataSource where to take connections from
	 */
	public CrdbSessions(DataSource dataSource) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		this.dataSource = dataSource;
	}

	/**
	 * List the open sessions, this one included.
	 * @return the sessions that the user may see
	 * @throws DataAccessException if the server cannot be asked, or is not CockroachDB
	 */
	public List<Session> sessions() {
		return list("SHOW CLUSTER SESSIONS", SessionRow::session);
	}

	/**
	 * List the running queries, that for this list included.
	 * @return the queries that the user may see
	 * @throws DataAccessException if the server cannot be asked, or is not CockroachDB
	 */
	public List<Query> queries() {
		return list("SHOW CLUSTER QUERIES", SessionRow::query);
	}

	/**
	 * Cancel a query. Who runs it gets an error with SQLSTATE 57014, and its transaction
	 * can only be rolled back. A query that is nearly done may still succeed.
	 * @param queryId the id of the query
	 * @return {@code true} if it is cancelled, {@code false} if there is no such query
	 * (any more)
	 * @throws IllegalArgumentException if the text is not an id; nothing is sent
	 * @throws DataAccessException if the server refuses or cannot be asked, or is not
	 * CockroachDB
	 */
	public boolean cancelQuery(String queryId) {
		return cancel("QUERY", queryId);
	}

	/**
	 * Cancel a session. Its connection is closed, and its transaction rolled back.
	 * @param sessionId the id of the session
	 * @return {@code true} if it is cancelled, {@code false} if there is no such session
	 * (any more)
	 * @throws IllegalArgumentException if the text is not an id; nothing is sent
	 * @throws DataAccessException if the server refuses or cannot be asked, or is not
	 * CockroachDB
	 */
	public boolean cancelSession(String sessionId) {
		return cancel("SESSION", sessionId);
	}

	private boolean cancel(String what, String id) {
		Assert.isTrue(id != null && ID.matcher(id).matches(),
				"The id of a query or session has 32 hexadecimal digits, as SHOW QUERIES and SHOW SESSIONS list it");
		return execute("CANCEL " + what + " '" + id + "'", (statement, sql) -> {
			try {
				statement.execute(sql);
				return true;
			}
			catch (SQLException ex) {
				// It has no SQLSTATE of its own
				if (ex.getMessage() != null && ex.getMessage().contains(id + " not found")) {
					return false;
				}
				throw ex;
			}
		});
	}

	private <T> List<T> list(String show, RowReader<T> reader) {
		return execute(show, (statement, sql) -> {
			try (ResultSet resultSet = statement.executeQuery(sql)) {
				SessionRow row = new SessionRow(resultSet);
				List<T> rows = new ArrayList<>();
				while (resultSet.next()) {
					rows.add(reader.read(row));
				}
				return List.copyOf(rows);
			}
		});
	}

	private <T> T execute(String sql, Action<T> action) {
		try (Connection connection = open()) {
			requireCockroach(connection);
			try (Statement statement = connection.createStatement()) {
				return action.run(statement, sql);
			}
		}
		catch (SQLException ex) {
			DataAccessException translated = new SQLExceptionSubclassTranslator().translate("CrdbSessions", sql, ex);
			throw (translated != null) ? translated : new UncategorizedSQLException("CrdbSessions", sql, ex);
		}
	}

	private Connection open() {
		try {
			return this.dataSource.getConnection();
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("No connection for looking after sessions", ex);
		}
	}

	private static void requireCockroach(Connection connection) throws SQLException {
		if (!connection.isWrapperFor(PGConnection.class)) {
			throw new InvalidDataAccessApiUsageException(
					"CrdbSessions needs CockroachDB, over a connection of the PostgreSQL driver");
		}
		ServerInfo serverInfo = ServerInfo.of(connection);
		if (!serverInfo.isCockroach()) {
			throw new InvalidDataAccessApiUsageException(
					"CrdbSessions needs CockroachDB; this is " + serverInfo.description());
		}
	}

	/**
	 * An open session. What a version of CockroachDB does not tell is {@code null}.
	 *
	 * @param id the id, for {@link #cancelSession(String)}
	 * @param nodeId the number of the node that it is connected to
	 * @param userName the SQL user
	 * @param clientAddress the client's address and port
	 * @param applicationName what the client calls itself
	 * @param status such as {@code IDLE} or {@code ACTIVE}, which older versions do not
	 * tell
	 * @param activeQueries the SQL of what it runs, empty if nothing
	 * @param lastActiveQuery the SQL of what it ran last
	 * @param start when it was opened
	 * @param activeQueryStart when what it runs was begun
	 * @since 0.1.0
	 */
	public record Session(String id, long nodeId, @Nullable String userName, @Nullable String clientAddress,
			@Nullable String applicationName, @Nullable String status, @Nullable String activeQueries,
			@Nullable String lastActiveQuery, @Nullable Instant start, @Nullable Instant activeQueryStart) {

	}

	/**
	 * A running query. What a version of CockroachDB does not tell is {@code null}.
	 *
	 * @param id the id, for {@link #cancelQuery(String)}
	 * @param nodeId the number of the node that it is run by
	 * @param sessionId the id of its session
	 * @param userName the SQL user
	 * @param clientAddress the client's address and port
	 * @param applicationName what the client calls itself
	 * @param start when it was begun
	 * @param sql the SQL text
	 * @param phase such as {@code preparing} or {@code executing}
	 * @since 0.1.0
	 */
	public record Query(String id, long nodeId, @Nullable String sessionId, @Nullable String userName,
			@Nullable String clientAddress, @Nullable String applicationName, @Nullable Instant start,
			@Nullable String sql, @Nullable String phase) {

	}

	/**
	 * Makes something of a row.
	 */
	private interface RowReader<T> {

		T read(SessionRow row) throws SQLException;

	}

	/**
	 * What is done over the connection.
	 */
	private interface Action<T> {

		T run(Statement statement, String sql) throws SQLException;

	}

}
