package io.github.crdbspring.changefeed.source;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.util.Assert;

/**
 * Reads changefeeds from CockroachDB. Infrastructure of this library. Thread-safe.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/changefeed-messages">CockroachDB: Changefeed
 * Messages</a>
 */
public final class SqlChangefeedSource implements ChangefeedSource {

	private static final Log logger = LogFactory.getLog(SqlChangefeedSource.class);

	/**
	 * What would end a session that is in one statement for days. Not every version has
	 * all of them.
	 */
	private static final List<String> TIMEOUTS = List.of("statement_timeout", "idle_in_transaction_session_timeout",
			"idle_in_session_timeout", "idle_session_timeout", "transaction_timeout", "lock_timeout");

	/**
	 * A table, a schema or a database that does not exist.
	 */
	private static final Set<String> UNDEFINED = Set.of("42P01", "3F000", "3D000");

	private static final String KEY_COLUMNS = """
			SELECT a.attname FROM pg_index i
			JOIN LATERAL unnest(i.indkey::INT8[]) WITH ORDINALITY AS k (attnum, position) ON true
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
			WHERE i.indrelid = ?::REGCLASS AND i.indisprimary ORDER BY k.position""";

	private static final Pattern GC_TTL = Pattern.compile("gc\\.ttlseconds = (\\d+)");

	private final DataSource dataSource;

	private final FeedConnections connections;

	private final Set<String> warnings = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new source.
	 * @param dataSource for what is asked beside the feed
	 * @param connections opens the connections of feeds
	 */
	public SqlChangefeedSource(DataSource dataSource, FeedConnections connections) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		Assert.notNull(connections, "'connections' must not be null");
		this.dataSource = dataSource;
		this.connections = connections;
	}

	@Override
	public Feed open(Request request) throws SQLException {
		Connection connection = this.connections.open();
		try {
			ServerInfo server = ServerInfo.of(connection);
			check(request, server);
			prepare(connection, request.listener());
			checkTables(connection, request.tables());
			connection.setAutoCommit(false);
			return new SqlFeed(connection, ChangefeedSql.create(request, server));
		}
		catch (SQLException | RuntimeException ex) {
			connection.abort(Runnable::run);
			throw ex;
		}
	}

	private void check(Request request, ServerInfo server) {
		requireChangefeeds(server);
		if (request.query() != null && !server.supports(ServerFeature.CHANGEFEED_QUERY)) {
			throw new ChangefeedRefusedException("A changefeed over a query needs CockroachDB "
					+ ServerFeature.CHANGEFEED_QUERY.since() + ", but this is " + server.description()
					+ ". Name 'tables' instead, and leave out in the listener what it is not for");
		}
		if (server.version() != null) {
			Advisory.of(server.version()).forEach(this::warnOnce);
		}
		if (!server.supports(ServerFeature.CHANGEFEED_SCHEMA_CHANGES)) {
			warnOnce("On CockroachDB " + server.versionText() + " a schema change may wait as long as a changefeed is "
					+ "open on its table: pause the listener for it. Versions from 22.1 on do not have that");
		}
	}

	private static void requireChangefeeds(ServerInfo server) {
		if (!server.supports(ServerFeature.CHANGEFEED)) {
			throw new ChangefeedRefusedException(server.isCockroach()
					? "Changefeeds need CockroachDB " + ServerFeature.CHANGEFEED.since() + ", but this is "
							+ server.description()
					: "Changefeeds are CockroachDB's, but this is " + server.description()
							+ ". Set crdb.changefeed.enabled=false where listeners are not to run");
		}
	}

	private void warnOnce(String warning) {
		if (this.warnings.add(warning)) {
			logger.warn(warning);
		}
	}

	/**
	 * Switch off what would end the session, whatever the URL, the role or the pool have
	 * set.
	 */
	private static void prepare(Connection connection, String listener) throws SQLException {
		connection.setAutoCommit(true);
		connection.setNetworkTimeout(Runnable::run, 0);
		String settings = TIMEOUTS.stream()
			.map((name) -> "current_setting('" + name + "', true)")
			.collect(Collectors.joining(", "));
		List<String> sets = new ArrayList<>();
		try (Statement statement = connection.createStatement()) {
			try (ResultSet result = statement.executeQuery("SELECT current_setting('application_name', true), "
					+ "current_setting('autocommit_before_ddl', true), " + settings)) {
				result.next();
				String application = result.getString(1);
				sets.add("SET application_name = " + literal(
						((application != null && !application.isEmpty()) ? application + "-changefeed-" : "changefeed-")
								+ listener));
				if (result.getString(2) != null) {
					// CREATE CHANGEFEED counts as DDL, and the commit before it would
					// close its rows
					sets.add("SET autocommit_before_ddl = off");
				}
				for (int i = 0; i < TIMEOUTS.size(); i++) {
					if (result.getString(i + 3) != null) {
						sets.add("SET " + TIMEOUTS.get(i) + " = 0");
					}
				}
			}
			for (String set : sets) {
				statement.execute(set);
			}
		}
	}

	private static String literal(String text) {
		return "'" + text.replace("'", "''") + "'";
	}

	/**
	 * Find out that a table does not exist before the server is asked for its past, of
	 * which it would say the same.
	 */
	private static void checkTables(Connection connection, List<String> tables) throws SQLException {
		for (String table : tables) {
			try (Statement statement = connection.createStatement()) {
				statement.execute("SELECT 1 FROM " + ChangefeedSql.quote(table) + " LIMIT 0");
			}
			catch (SQLException ex) {
				if (UNDEFINED.contains(String.valueOf(ex.getSQLState()))) {
					throw new ChangefeedRefusedException("There is no table '" + table + "' in database '"
							+ connection.getCatalog() + "'. Make it, or correct the listener's 'tables', and start the "
							+ "listener again");
				}
				throw ex;
			}
		}
	}

	@Override
	public List<String> keyColumns(String table) throws SQLException {
		return query((connection) -> read(connection, KEY_COLUMNS, ChangefeedSql.quote(table)));
	}

	@Override
	public BigDecimal timestamp(List<String> tables, @Nullable String systemTime) throws SQLException {
		String clause = (systemTime != null) ? " AS OF SYSTEM TIME " + systemTime : "";
		return query((connection) -> {
			requireChangefeeds(ServerInfo.of(connection));
			checkTables(connection, tables);
			return new BigDecimal(read(connection, "SELECT cluster_logical_timestamp()::STRING" + clause, null).get(0));
		});
	}

	/**
	 * Not known where the user may not see it, of a query, and of a zone configuration in
	 * another form.
	 */
	@Override
	public @Nullable Duration retention(List<String> tables) throws SQLException {
		List<Duration> all = query((connection) -> {
			List<Duration> found = new ArrayList<>();
			for (String table : tables) {
				found.addAll(retention(connection, table));
			}
			return found;
		});
		return all.stream().min(Comparator.naturalOrder()).orElse(null);
	}

	private static List<Duration> retention(Connection connection, String table) throws SQLException {
		List<String> zone = read(connection,
				"SELECT raw_config_sql FROM [SHOW ZONE CONFIGURATION FROM TABLE " + ChangefeedSql.quote(table) + "]",
				null);
		return GC_TTL.matcher(String.join("", zone))
			.results()
			.map((result) -> Duration.ofSeconds(Long.parseLong(result.group(1))))
			.toList();
	}

	private <T> T query(Query<T> query) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			try {
				return query.run(connection);
			}
			finally {
				connection.setAutoCommit(autoCommit);
			}
		}
	}

	private static List<String> read(Connection connection, String sql, @Nullable String parameter)
			throws SQLException {
		List<String> result = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			if (parameter != null) {
				statement.setString(1, parameter);
			}
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					result.add(rows.getString(1));
				}
			}
		}
		return result;
	}

	/**
	 * Asks for something beside the feed.
	 */
	private interface Query<T> {

		T run(Connection connection) throws SQLException;

	}

	/**
	 * A feed on a connection of its own. Each row is fetched by itself: the driver hands
	 * out nothing before as many rows are there as it has asked for.
	 */
	private static final class SqlFeed implements Feed {

		private final Connection connection;

		private final String sql;

		private @Nullable ResultSet rows;

		SqlFeed(Connection connection, String sql) throws SQLException {
			// Nothing happens on it that would have to be guarded
			this.connection = (Connection) connection.unwrap(PGConnection.class);
			this.sql = sql;
		}

		@Override
		public Row next() throws SQLException {
			ResultSet result = this.rows;
			if (result == null) {
				Statement statement = this.connection.createStatement();
				statement.setFetchSize(1);
				result = statement.executeQuery(this.sql);
				this.rows = result;
			}
			if (!result.next()) {
				throw new SQLException("The server has ended the changefeed", "08006");
			}
			return new Row(result.getString(1), result.getBytes(2), result.getBytes(3));
		}

		@Override
		public void close() {
			try {
				this.connection.abort(Runnable::run);
			}
			catch (SQLException ex) {
				logger.debug("The connection of a changefeed could not be closed", ex);
			}
		}

	}

}
