package io.github.crdbspring.transaction.outcome;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code crdb_transaction_outcome}. Each statement here is a transaction of its
 * own, on a connection of its own, and gives up after a time.
 *
 * @param dataSource leads to the database
 * @param url the database, if the DataSource may lead to several
 * @param name the table's name in SQL
 */
record OutcomeTable(DataSource dataSource, @Nullable String url, String name) {

	/**
	 * The table's name where nobody has looked in which schema it is.
	 */
	static final String NAME = "crdb_transaction_outcome";

	/**
	 * The row that is no transaction's: whoever moves its time forward may clean up.
	 */
	private static final UUID TURN = new UUID(0, 0);

	private static final String FENCE = "INSERT INTO %s (id, fenced) VALUES (?, TRUE) ON CONFLICT (id) DO NOTHING";

	private static final String LOOK = "SELECT fenced FROM %s WHERE id = ?";

	private static final String CHECK = "SELECT id, fenced, created_at FROM %s LIMIT 0";

	private static final String FIND_SCHEMA = "SELECT current_database(), n.nspname FROM pg_class c "
			+ "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = CAST(? AS REGCLASS)";

	private static final String TAKE_TURN = "UPDATE %s SET created_at = now() WHERE id = ? "
			+ "AND created_at < now() - CAST(? AS INTERVAL)";

	/**
	 * On CockroachDB a little in the past, so that the scan does not push transactions
	 * that are leaving their marks.
	 */
	private static final String FIND_OLD = "SELECT id FROM %s%s WHERE id > ? "
			+ "AND created_at < now() - CAST(? AS INTERVAL) ORDER BY id LIMIT %d";

	private static final String DELETE = "DELETE FROM %s WHERE id = ANY (?)";

	/**
	 * Check that the table can be used, and find out in which database and schema it is.
	 * @return the same table, whatever the database and the search path of a session are
	 */
	OutcomeTable locate(Duration limit) throws SQLException {
		return run(limit, (connection) -> {
			try (PreparedStatement statement = connection.prepareStatement(sql(CHECK))) {
				statement.execute();
			}
			return new OutcomeTable(this.dataSource, connection.getMetaData().getURL(), findName(connection));
		});
	}

	/**
	 * The schema, since a transaction may have a search path of its own; on CockroachDB
	 * the database as well, which a session can change there.
	 */
	private static String findName(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(FIND_SCHEMA)) {
			statement.setString(1, NAME);
			try (ResultSet row = statement.executeQuery()) {
				if (!row.next()) {
					return NAME;
				}
				String name = quote(row.getString(2)) + "." + NAME;
				return ServerInfo.of(connection).isCockroach() ? quote(row.getString(1)) + "." + name : name;
			}
		}
	}

	private static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

	private String sql(String statement) {
		return statement.formatted(this.name);
	}

	/**
	 * Insert a fence, and look what is there.
	 * @return empty if what was there has just been deleted
	 */
	Optional<Outcome> fence(UUID id, Duration limit) throws SQLException {
		return run(limit, (connection) -> (update(connection, sql(FENCE), id) == 1) ? Optional.of(Outcome.NOT_COMMITTED)
				: look(connection, id));
	}

	private Optional<Outcome> look(Connection connection, UUID id) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql(LOOK))) {
			statement.setObject(1, id);
			try (ResultSet row = statement.executeQuery()) {
				if (!row.next()) {
					return Optional.empty();
				}
				return Optional.of(row.getBoolean(1) ? Outcome.NOT_COMMITTED : Outcome.COMMITTED);
			}
		}
	}

	/**
	 * Find out whether it is this instance's turn to clean up.
	 * @param interval how long ago it must have been somebody's turn
	 */
	boolean takeTurn(Duration interval, Duration limit) throws SQLException {
		return run(limit, (connection) -> update(connection, sql(FENCE), TURN) == 1
				|| update(connection, sql(TAKE_TURN), TURN, seconds(interval)) == 1);
	}

	/**
	 * Delete the next rows that are old, in the order of ids, so that each row is looked
	 * at once.
	 * @param after the last id of the batch before, {@code null} for the first batch
	 * @param number how many rows at most
	 * @return the ids of the rows
	 */
	List<UUID> deleteOld(Duration age, @Nullable UUID after, int number, Duration limit) throws SQLException {
		return run(limit, (connection) -> {
			List<UUID> old = findOld(connection, age, (after != null) ? after : TURN, number);
			if (!old.isEmpty()) {
				update(connection, sql(DELETE), connection.createArrayOf("uuid", old.toArray()));
			}
			return old;
		});
	}

	private List<UUID> findOld(Connection connection, Duration age, UUID after, int number) throws SQLException {
		String asOf = ServerInfo.of(connection).isCockroach() ? " AS OF SYSTEM TIME '-5s'" : "";
		List<UUID> old = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(FIND_OLD.formatted(this.name, asOf, number))) {
			statement.setObject(1, after);
			statement.setString(2, seconds(age));
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					old.add(rows.getObject(1, UUID.class));
				}
			}
		}
		return old;
	}

	private static int update(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setObject(i + 1, parameters[i]);
			}
			return statement.executeUpdate();
		}
	}

	private static String seconds(Duration duration) {
		return duration.toSeconds() + " seconds";
	}

	private <T> T run(Duration limit, Work<T> work) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			requireSameDatabase(connection);
			boolean autoCommit = connection.getAutoCommit();
			int networkTimeout = connection.getNetworkTimeout();
			connection.setNetworkTimeout(Runnable::run,
					(int) Math.min(Math.max(limit.toMillis(), 1), Integer.MAX_VALUE));
			connection.setAutoCommit(true);
			try {
				return work.run(connection);
			}
			finally {
				if (!connection.isClosed()) {
					connection.setAutoCommit(autoCommit);
					connection.setNetworkTimeout(Runnable::run, networkTimeout);
				}
			}
		}
	}

	private void requireSameDatabase(Connection connection) throws SQLException {
		String actual = connection.getMetaData().getURL();
		if (this.url != null && !this.url.equals(actual)) {
			throw new OtherDatabaseException("The DataSource " + this.dataSource + " leads to another database now, "
					+ withoutParameters(actual) + ", than the one of the transaction, " + withoutParameters(this.url));
		}
	}

	@Override
	public String toString() {
		return this.name + " of " + this.dataSource;
	}

	/**
	 * A password may be among the parameters.
	 */
	private static String withoutParameters(String url) {
		int parameters = url.indexOf('?');
		return (parameters != -1) ? url.substring(0, parameters) : url;
	}

	/**
	 * What is done with a connection in auto-commit mode.
	 *
	 * @param <T> the type of the result
	 */
	private interface Work<T> {

		T run(Connection connection) throws SQLException;

	}

	/**
	 * The DataSource leads to another database than that of the table.
	 */
	static final class OtherDatabaseException extends IllegalStateException {

		private static final long serialVersionUID = 1L;

		OtherDatabaseException(String message) {
			super(message);
		}

	}

}
