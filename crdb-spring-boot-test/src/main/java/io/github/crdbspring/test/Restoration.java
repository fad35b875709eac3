package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.crdbspring.test.DatabaseSnapshot.Rows;
import io.github.crdbspring.test.DatabaseSnapshot.Value;

/**
 * Puts rows back as they were at the time of a snapshot. Tables with too many rows, and
 * sequences, stay as they are.
 */
final class Restoration {

	private static final String FIND_KEY = """
			SELECT k.column_name FROM information_schema.table_constraints c
			JOIN information_schema.key_column_usage k ON k.constraint_schema = c.constraint_schema
			AND k.constraint_name = c.constraint_name AND k.table_name = c.table_name
			WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = ? AND c.table_name = ?""";

	private static final String FIND_GENERATED = """
			SELECT column_name FROM information_schema.columns
			WHERE is_generated IN ('ALWAYS', 'YES') AND table_schema = ? AND table_name = ?""";

	private final Connection connection;

	private final List<Step> steps = new ArrayList<>();

	private Restoration(Connection connection) {
		this.connection = connection;
	}

	/**
	 * Put rows back.
	 * @param now what there is
	 * @param then what there is to be again
	 */
	static void restore(Connection connection, DatabaseSnapshot now, DatabaseSnapshot then) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		connection.setAutoCommit(true);
		Restoration restoration = new Restoration(connection);
		for (Map.Entry<String, Rows> table : now.tables().entrySet()) {
			Rows before = then.tables().get(table.getKey());
			Rows after = table.getValue();
			if (before != null && before.isComplete() && after.isComplete() && !before.changeTo(after).isNone()) {
				restoration.add(table.getKey(), before, after);
			}
		}
		restoration.run();
		connection.setAutoCommit(autoCommit);
	}

	private void add(String table, Rows before, Rows after) throws SQLException {
		List<String> columns = after.columns();
		Set<String> generated = new HashSet<>(find(FIND_GENERATED, table));
		List<Integer> key = find(FIND_KEY, table).stream().map(columns::indexOf).filter((index) -> index >= 0).toList();
		List<Integer> written = new ArrayList<>();
		for (int i = 0; i < columns.size(); i++) {
			if (!generated.contains(columns.get(i))) {
				written.add(i);
			}
		}
		String insert = "INSERT INTO " + table + " (" + names(columns, written, "", ", ") + ") VALUES ("
				+ written.stream().map((index) -> "?").collect(Collectors.joining(", ")) + ")";
		if (key.isEmpty()) {
			new Step("DELETE FROM " + table, List.of()).run(this.connection);
			before.rows().forEach((row) -> this.steps.add(new Step(insert, pick(row, written))));
			return;
		}
		String where = " WHERE " + names(columns, key, " = ?", " AND ");
		String update = "UPDATE " + table + " SET " + names(columns, written, " = ?", ", ") + where;
		Map<List<Value>, List<Value>> old = byKey(before, key);
		Map<List<Value>, List<Value>> current = byKey(after, key);
		current.forEach((id, row) -> {
			if (!old.containsKey(id)) {
				this.steps.add(new Step("DELETE FROM " + table + where, id));
			}
		});
		old.forEach((id, row) -> {
			List<Value> values = new ArrayList<>(pick(row, written));
			if (!current.containsKey(id)) {
				this.steps.add(new Step(insert, values));
			}
			else if (!row.equals(current.get(id))) {
				values.addAll(id);
				this.steps.add(new Step(update, values));
			}
		});
	}

	private static Map<List<Value>, List<Value>> byKey(Rows rows, List<Integer> key) {
		Map<List<Value>, List<Value>> byKey = new LinkedHashMap<>();
		rows.rows().forEach((row) -> byKey.put(pick(row, key), row));
		return byKey;
	}

	private static List<Value> pick(List<Value> row, List<Integer> columns) {
		List<Value> picked = new ArrayList<>();
		columns.forEach((index) -> picked.add(row.get(index)));
		return picked;
	}

	private static String names(List<String> columns, List<Integer> indexes, String suffix, String delimiter) {
		return indexes.stream()
			.map((index) -> Tables.quoted(columns.get(index)) + suffix)
			.collect(Collectors.joining(delimiter));
	}

	private List<String> find(String sql, String table) throws SQLException {
		List<String> found = new ArrayList<>();
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			String[] names = Tables.split(table);
			statement.setString(1, names[0]);
			statement.setString(2, names[1]);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					found.add(rows.getString(1));
				}
			}
		}
		return found;
	}

	/**
	 * Those that another one has to precede, since rows refer to each other, are tried
	 * again.
	 */
	private void run() throws SQLException {
		List<Step> remaining = this.steps;
		while (!remaining.isEmpty()) {
			List<Step> refused = new ArrayList<>();
			SQLException refusal = null;
			for (Step step : remaining) {
				try {
					step.run(this.connection);
				}
				catch (SQLException ex) {
					String sqlState = ex.getSQLState();
					if (sqlState == null || !sqlState.startsWith("23")) {
						throw ex;
					}
					refused.add(step);
					refusal = ex;
				}
			}
			if (refusal != null && refused.size() == remaining.size()) {
				throw refusal;
			}
			remaining = refused;
		}
	}

	/**
	 * A statement.
	 *
	 * @param sql its text
	 * @param values its values as texts, whose types the server knows
	 */
	private record Step(String sql, List<Value> values) {

		void run(Connection connection) throws SQLException {
			try (PreparedStatement statement = connection.prepareStatement(this.sql)) {
				for (int i = 0; i < this.values.size(); i++) {
					statement.setObject(i + 1, this.values.get(i).text(), Types.OTHER);
				}
				statement.executeUpdate();
			}
		}

	}

}
