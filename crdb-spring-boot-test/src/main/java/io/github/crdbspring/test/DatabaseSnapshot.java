package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;

/**
 * What is committed at one time: the rows of all tables, and where the sequences are.
 */
final class DatabaseSnapshot {

	/**
	 * Of a table with more rows only their number is known.
	 */
	private static final int LIMIT = 5_000;

	private static final String FIND_SEQUENCES = """
			SELECT sequence_schema, sequence_name FROM information_schema.sequences
			WHERE sequence_schema NOT IN ('information_schema', 'pg_catalog', 'crdb_internal', 'pg_extension')""";

	private final Map<String, Map<String, Integer>> tables = new TreeMap<>();

	private final Map<String, String> sequences = new TreeMap<>();

	private DatabaseSnapshot() {
	}

	static DatabaseSnapshot take(Connection connection) throws SQLException {
		DatabaseSnapshot snapshot = new DatabaseSnapshot();
		for (String table : Tables.find(connection, Set.of())) {
			snapshot.tables.put(table, rows(connection, table));
		}
		snapshot.readSequences(connection);
		if (!connection.getAutoCommit()) {
			connection.rollback();
		}
		return snapshot;
	}

	private static Map<String, Integer> rows(Connection connection, String table) throws SQLException {
		Map<String, Integer> rows = new HashMap<>();
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT * FROM " + table + " LIMIT " + (LIMIT + 1))) {
			int columns = result.getMetaData().getColumnCount();
			int count = 0;
			while (result.next()) {
				StringBuilder row = new StringBuilder();
				for (int i = 1; i <= columns; i++) {
					row.append((i > 1) ? ", " : "").append(result.getString(i));
				}
				rows.merge(row.toString(), 1, Integer::sum);
				count++;
			}
			if (count <= LIMIT) {
				return rows;
			}
		}
		return Map.of("…", count(connection, table));
	}

	private static int count(Connection connection, String table) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
			result.next();
			return result.getInt(1);
		}
	}

	private void readSequences(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet names = statement.executeQuery(FIND_SEQUENCES)) {
			while (names.next()) {
				this.sequences.put(Tables.quoted(names.getString(1)) + "." + Tables.quoted(names.getString(2)), "");
			}
		}
		for (Map.Entry<String, String> sequence : this.sequences.entrySet()) {
			try (Statement statement = connection.createStatement();
					ResultSet result = statement
						.executeQuery("SELECT last_value, is_called FROM " + sequence.getKey())) {
				result.next();
				sequence.setValue(result.getBoolean(2) ? result.getString(1) : "not used");
			}
		}
	}

	void compareWith(DatabaseSnapshot later, BiConsumer<Kind, String> differences) {
		this.tables.forEach((table, rows) -> {
			Map<String, Integer> now = later.tables.getOrDefault(table, Map.of());
			int added = surplus(now, rows);
			int gone = surplus(rows, now);
			if (added + gone > 0) {
				differences.accept(Kind.TABLE, plain(table) + ": " + added + " rows that were not there before, " + gone
						+ " that are gone or changed");
			}
		});
		later.sequences.forEach((sequence, value) -> {
			String before = this.sequences.get(sequence);
			if (!Objects.equals(before, value)) {
				differences.accept(Kind.SEQUENCE, plain(sequence) + ": " + ((before != null) ? before : "none")
						+ " before, " + value + " after the rollback");
			}
		});
	}

	private static String plain(String name) {
		return name.replace("\"", "").replaceFirst("^public\\.", "");
	}

	private static int surplus(Map<String, Integer> of, Map<String, Integer> over) {
		return of.entrySet()
			.stream()
			.mapToInt((row) -> Math.max(row.getValue() - over.getOrDefault(row.getKey(), 0), 0))
			.sum();
	}

}
