package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ledgers, to which entries are appended: the sum is read, and then one is withdrawn if
 * there is one, else paid in. No two transactions write the same row, so only a
 * serializable execution keeps each sum at 0 or 1, and numbers the entries without
 * repetition.
 */
final class Ledgers implements DataSet {

	static final String TABLE = "CREATE TABLE entry (run INT NOT NULL, ledger INT NOT NULL, id BIGINT NOT NULL, "
			+ "position INT NOT NULL, amount INT NOT NULL, PRIMARY KEY (run, ledger, id))";

	private static final String ENTRIES = "SELECT amount FROM entry WHERE run = ? AND ledger = ?";

	private static final String AUDIT = "SELECT sum(entries), sum(positions), min(total), max(total) FROM "
			+ "(SELECT count(*) AS entries, count(DISTINCT position) AS positions, sum(amount) AS total "
			+ "FROM entry WHERE run = ? GROUP BY ledger) AS ledgers";

	private final int run;

	private final int size;

	Ledgers(int run, int size) {
		this.run = run;
		this.size = size;
	}

	@Override
	public void create(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("INSERT INTO entry SELECT " + this.run
				+ ", ledger, 0, 0, 1 FROM generate_series(1, " + this.size + ") AS s(ledger)")) {
			statement.executeUpdate();
		}
	}

	@Override
	public Task next() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		int ledger = random.nextInt(this.size) + 1;
		long id = random.nextLong(1, Long.MAX_VALUE);
		TransactionBody body = (connection, lock) -> {
			try (PreparedStatement select = connection.prepareStatement("SELECT count(*), sum(amount) FROM ("
					+ (lock ? ENTRIES + " FOR UPDATE" : ENTRIES) + ") AS entries")) {
				select.setInt(1, this.run);
				select.setInt(2, ledger);
				try (ResultSet row = select.executeQuery()) {
					row.next();
					append(connection, ledger, id, row.getInt(1), (row.getInt(2) > 0) ? -1 : 1);
				}
			}
		};
		return new Task(body, ledger, ledger, null);
	}

	private void append(Connection connection, int ledger, long id, int position, int amount) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("INSERT INTO entry VALUES (?, ?, ?, ?, ?)")) {
			statement.setInt(1, this.run);
			statement.setInt(2, ledger);
			statement.setLong(3, id);
			statement.setInt(4, position);
			statement.setInt(5, amount);
			statement.executeUpdate();
		}
	}

	@Override
	public List<String> audit(Connection connection, long committed) throws SQLException {
		List<String> problems = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(AUDIT)) {
			statement.setInt(1, this.run);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				if (row.getLong(1) != this.size + committed) {
					problems.add("there are " + (row.getLong(1) - this.size) + " entries instead of " + committed);
				}
				if (row.getLong(2) != row.getLong(1)) {
					problems.add((row.getLong(1) - row.getLong(2)) + " entries have another one's position");
				}
				if (row.getLong(3) < 0 || row.getLong(4) > 1) {
					problems.add("sums are between " + row.getLong(3) + " and " + row.getLong(4));
				}
			}
		}
		return problems;
	}

}
