package io.github.crdbspring.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.core.log.LogMessage;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;

/**
 * Looks for tables of a database whose primary key CockroachDB does not scale with, and
 * logs a warning for those without any, and for those whose values ascend.
 * <p>
 * A check is one query of the information schema, which takes no privilege beyond those
 * on the tables. It never fails. Thread-safe.
 *
 * @since 0.1.0
 */
public class SchemaCheck {

	private static final Log logger = LogFactory.getLog(SchemaCheck.class);

	/**
	 * All this is in every version since 20.2 at least. The index rather than the
	 * constraint, since the latter does not list the hidden column of a hash-sharded key.
	 */
	private static final String QUERY = """
			SELECT t.table_schema, t.table_name, c.column_name, c.data_type, c.column_default, c.is_hidden
			FROM information_schema.tables t
			LEFT JOIN information_schema.table_constraints p ON p.table_schema = t.table_schema
				AND p.table_name = t.table_name AND p.constraint_type = 'PRIMARY KEY'
			LEFT JOIN information_schema.statistics s ON s.table_schema = t.table_schema
				AND s.table_name = t.table_name AND s.index_name = p.constraint_name AND s.seq_in_index = 1
			LEFT JOIN information_schema.columns c ON c.table_schema = t.table_schema
				AND c.table_name = t.table_name AND c.column_name = s.column_name
			WHERE t.table_catalog = current_database() AND t.table_type = 'BASE TABLE'
				AND t.table_schema NOT IN ('crdb_internal', 'information_schema', 'pg_catalog', 'pg_extension')
			ORDER BY t.table_schema, t.table_name
			LIMIT\s""";

	private static final int MAX_TABLES = 10_000;

	private static final int MAX_LISTED = 20;

	private final int timeoutMillis;

	/**
	 * Create a new check.
	 * @param timeoutMillis how long the server may take to answer
	 */
	public SchemaCheck(int timeoutMillis) {
		this.timeoutMillis = timeoutMillis;
	}

	/**
	 * Check the tables of a DataSource's database, if that is on CockroachDB.
	 * @param name the DataSource's name for the log
	 * @param dataSource the DataSource
	 */
	public void check(String name, CrdbDataSource dataSource) {
		try {
			ServerInfo serverInfo = dataSource.getServerInfo();
			if (!serverInfo.isCockroach()) {
				logger.debug(LogMessage.format("DataSource '%s': tables are not checked, since the server is %s", name,
						serverInfo.description()));
				return;
			}
			report(name, read(dataSource));
		}
		catch (InvalidDataAccessResourceUsageException ex) {
			logger.debug(LogMessage.format("DataSource '%s': tables are not checked", name), ex);
		}
		catch (SQLException | DataAccessException ex) {
			logger
				.warn(LogMessage.format("DataSource '%s': the tables could not be checked: %s", name, ex.getMessage()));
			logger.debug("Failure of the check of tables", ex);
		}
	}

	private List<TableKey> read(CrdbDataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			int networkTimeout = connection.getNetworkTimeout();
			// Works on every version, and leaves no session variable behind
			connection.setNetworkTimeout(Runnable::run, this.timeoutMillis);
			try {
				return read(connection);
			}
			finally {
				if (!connection.isClosed()) {
					restore(connection, networkTimeout);
				}
			}
		}
	}

	private static void restore(Connection connection, int networkTimeout) throws SQLException {
		if (!connection.getAutoCommit()) {
			connection.rollback();
		}
		connection.setNetworkTimeout(Runnable::run, networkTimeout);
	}

	private static List<TableKey> read(Connection connection) throws SQLException {
		List<TableKey> keys = new ArrayList<>();
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(QUERY + MAX_TABLES)) {
			while (row.next()) {
				keys.add(new TableKey(row.getString(1), row.getString(2), row.getString(3), row.getString(4),
						row.getString(5), "YES".equals(row.getString(6))));
			}
		}
		return keys;
	}

	private static void report(String name, List<TableKey> keys) {
		List<String> missing = keys.stream().filter(TableKey::isMissing).map(TableKey::tableName).toList();
		List<String> ascending = keys.stream()
			.filter((key) -> key.ascendingSource() != null)
			.map((key) -> key.tableName() + " (" + key.column() + ": " + key.ascendingSource() + ")")
			.toList();
		if (!missing.isEmpty()) {
			logger.warn(LogMessage
				.format("DataSource '%s': tables without a primary key, which CockroachDB gave a hidden one with "
						+ "ascending values, so that all inserts go to the same range: %s. Declare a key, such as "
						+ "id UUID PRIMARY KEY DEFAULT gen_random_uuid()", name, list(missing)));
		}
		if (!ascending.isEmpty()) {
			logger.warn(LogMessage.format(
					"DataSource '%s': tables whose primary key starts with ascending values, so that all inserts go "
							+ "to the same range: %s. If there are many inserts, use UUIDs, another first column, or "
							+ "a hash-sharded key",
					name, list(ascending)));
		}
		logger.debug(LogMessage.format("DataSource '%s': %d tables were checked%s", name, keys.size(),
				(keys.size() < MAX_TABLES) ? "" : ", there may be more"));
	}

	private static String list(List<String> tables) {
		int more = tables.size() - MAX_LISTED;
		return (more > 0) ? String.join(", ", tables.subList(0, MAX_LISTED)) + " and " + more + " more"
				: String.join(", ", tables);
	}

}
