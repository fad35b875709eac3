package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import javax.sql.DataSource;

/**
 * The tables of a database.
 */
final class Tables {

	/**
	 * What tells Flyway and Liquibase which migrations have run.
	 */
	private static final Set<String> MIGRATIONS = Set.of("flyway_schema_history", "databasechangelog",
			"databasechangeloglock");

	/**
	 * The tables of changefeed listeners, which go on when a test has ended.
	 */
	private static final String LISTENERS = "crdb_changefeed_";

	private static final String FIND = """
			SELECT table_schema, table_name FROM information_schema.tables
			WHERE table_type = 'BASE TABLE'
			AND table_schema NOT IN ('information_schema', 'pg_catalog', 'crdb_internal', 'pg_extension')""";

	private final DataSource dataSource;

	Tables(DataSource dataSource) {
		this.dataSource = dataSource;
	}

	/**
	 * Return the quoted names of tables with that of their schema.
	 */
	static List<String> find(Connection connection, Set<String> except) throws SQLException {
		Set<String> names = new TreeSet<>();
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(FIND)) {
			while (rows.next()) {
				String name = rows.getString(2);
				if (!except.contains(name) && !MIGRATIONS.contains(name.toLowerCase(Locale.ROOT))
						&& !name.startsWith(LISTENERS)) {
					names.add(quoted(rows.getString(1)) + "." + quoted(name));
				}
			}
		}
		return List.copyOf(names);
	}

	/**
	 * Return the plain names of schema and table.
	 * @param table a quoted name
	 */
	static String[] split(String table) {
		int dot = table.indexOf("\".\"");
		return new String[] { unquoted(table.substring(0, dot + 1)), unquoted(table.substring(dot + 2)) };
	}

	private static String unquoted(String name) {
		return name.substring(1, name.length() - 1).replace("\"\"", "\"");
	}

	static String quoted(String name) {
		return "\"" + name.replace("\"", "\"\"") + "\"";
	}

	/**
	 * Empty all tables but some. Row by row, since that is what CockroachDB is quick at
	 * where there are few; those that others refer to later than these.
	 */
	void empty(Set<String> except) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			List<String> remaining = find(connection, except);
			while (!remaining.isEmpty()) {
				List<String> referredTo = delete(connection, remaining);
				if (referredTo.size() == remaining.size()) {
					execute(connection, "TRUNCATE " + String.join(", ", remaining) + " CASCADE");
					break;
				}
				remaining = referredTo;
			}
			connection.setAutoCommit(autoCommit);
		}
	}

	private static List<String> delete(Connection connection, List<String> tables) throws SQLException {
		List<String> referredTo = new ArrayList<>();
		for (String table : tables) {
			try {
				execute(connection, "DELETE FROM " + table);
			}
			catch (SQLException ex) {
				String sqlState = ex.getSQLState();
				if (sqlState == null || !sqlState.startsWith("23")) {
					throw ex;
				}
				referredTo.add(table);
			}
		}
		return referredTo;
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
