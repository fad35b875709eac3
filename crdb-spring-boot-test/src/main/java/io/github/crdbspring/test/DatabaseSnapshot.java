package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

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

	private final Map<String, Rows> tables = new TreeMap<>();

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

	private static Rows rows(Connection connection, String table) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT * FROM " + table + " LIMIT " + (LIMIT + 1))) {
			List<String> columns = new ArrayList<>();
			for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
				columns.add(result.getMetaData().getColumnName(i));
			}
			List<List<Value>> rows = new ArrayList<>();
			while (result.next()) {
				List<Value> row = new ArrayList<>();
				for (int i = 1; i <= columns.size(); i++) {
					row.add(new Value(result.getString(i)));
				}
				rows.add(row);
			}
			if (rows.size() <= LIMIT) {
				return new Rows(columns, rows, rows.size());
			}
		}
		return new Rows(List.of(), List.of(), count(connection, table));
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

	/**
	 * Return the rows by the quoted names of the tables.
	 */
	Map<String, Rows> tables() {
		return this.tables;
	}

	/**
	 * Return the changes of the tables that are different later.
	 */
	Map<String, Change> changes(DatabaseSnapshot later) {
		Map<String, Change> changes = new TreeMap<>();
		later.tables.forEach((table, rows) -> {
			Change change = this.tables.getOrDefault(table, Rows.NONE).changeTo(rows);
			if (!change.isNone()) {
				changes.put(plain(table), change);
			}
		});
		return changes;
	}

	/**
	 * Whether a table is the same in another snapshot.
	 * @param table its plain name
	 */
	boolean hasSame(String table, DatabaseSnapshot other) {
		return !changes(other).containsKey(table);
	}

	/**
	 * Return which sequences are elsewhere later, and where.
	 */
	List<String> movedSequences(DatabaseSnapshot later) {
		List<String> moved = new ArrayList<>();
		later.sequences.forEach((sequence, value) -> {
			String before = this.sequences.get(sequence);
			if (!Objects.equals(before, value)) {
				moved.add(plain(sequence) + ": " + ((before != null) ? before : "none") + " before, " + value
						+ " after the rollback");
			}
		});
		return moved;
	}

	private static String plain(String name) {
		return name.replace("\"", "").replaceFirst("^public\\.", "");
	}

	/**
	 * A value of a row.
	 *
	 * @param text the value as a text
	 */
	record Value(@Nullable String text) {

	}

	/**
	 * The rows of a table.
	 *
	 * @param columns the names of the columns
	 * @param rows the values as texts, none if there are too many
	 * @param count how many there are
	 */
	record Rows(List<String> columns, List<List<Value>> rows, int count) {

		private static final Rows NONE = new Rows(List.of(), List.of(), 0);

		boolean isComplete() {
			return this.rows.size() == this.count;
		}

		Change changeTo(Rows later) {
			if (!isComplete() || !later.isComplete()) {
				return new Change(Math.max(later.count - this.count, 0), Math.max(this.count - later.count, 0));
			}
			Map<List<Value>, Integer> balance = new HashMap<>();
			later.rows.forEach((row) -> balance.merge(row, 1, Integer::sum));
			this.rows.forEach((row) -> balance.merge(row, -1, Integer::sum));
			return new Change(balance.values().stream().mapToInt((count) -> Math.max(count, 0)).sum(),
					balance.values().stream().mapToInt((count) -> Math.max(-count, 0)).sum());
		}

	}

	/**
	 * What has become of a table.
	 *
	 * @param added how many rows there are that were not there before
	 * @param gone how many rows are gone; a row that was changed is gone, and another one
	 * added
	 */
	record Change(int added, int gone) {

		static final Change NONE = new Change(0, 0);

		boolean isNone() {
			return this.added + this.gone == 0;
		}

		@Override
		public String toString() {
			int changed = Math.min(this.added, this.gone);
			List<String> parts = new ArrayList<>();
			describe(parts, this.added - changed, "more");
			describe(parts, this.gone - changed, "fewer");
			describe(parts, changed, "changed");
			return parts.isEmpty() ? "no row more" : String.join(" and ", parts);
		}

		private static void describe(List<String> parts, int count, String what) {
			if (count > 0) {
				parts.add(count + ((count == 1) ? " row " : " rows ") + what);
			}
		}

	}

}
