package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StaleStatements}: what happens on a connection whose prepared
 * statements do not fit their table any more.
 */
@DatabaseTest
class StaleStatementTests {

	private static final String SELECT = "SELECT * FROM item WHERE id = ?";

	private static final String INSERT = "INSERT INTO item (name) VALUES (?) RETURNING *";

	private TestDatabase database;

	private HikariDataSource pool;

	private CrdbDataSource dataSource;

	@BeforeEach
	void createTable(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc().sql("DROP TABLE IF EXISTS item").update();
		testDatabase.jdbc().sql("CREATE TABLE item (id SERIAL PRIMARY KEY, name TEXT)").update();
		this.pool = testDatabase.pool(3);
		this.pool.setExceptionOverride(new CrdbExceptionOverride());
		this.dataSource = new CrdbDataSource(this.pool);
	}

	@Test
	void outsideOfATransactionNothingFails() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			for (int round = 0; round < 3; round++) {
				for (int i = 0; i < 8; i++) {
					insert(connection);
					select(connection);
				}
				change("more" + round);
			}
			insert(connection);
			select(connection);
		}
		assertThat(rows()).isEqualTo(25);
	}

	@Test
	void aPreparedStatementThatIsKeptOpenGoesOn() throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement insert = connection.prepareStatement(INSERT)) {
			for (int i = 0; i < 16; i++) {
				insert.setString(1, "n" + i);
				insert.executeQuery().close();
				if (i == 10) {
					change("more");
				}
			}
		}
		assertThat(this.database.jdbc().sql("SELECT count(DISTINCT name) FROM item").query(Integer.class).single())
			.isEqualTo(16);
	}

	@Test
	void aTransactionFailsOnceAndTheConnectionStays() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			PGConnection physical = connection.unwrap(PGConnection.class);
			connection.setAutoCommit(false);
			warmUp(connection);
			change("more");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(connection))
				.returns("0A000", SQLException::getSQLState);
			connection.rollback();
			insert(connection);
			select(connection);
			connection.commit();
			assertThat(connection.unwrap(PGConnection.class)).isSameAs(physical);
			assertThat(physical.getBackendPID()).isNotNegative();
		}
	}

	/**
	 * What is stale on one connection is so on all.
	 */
	@Test
	void theOtherConnectionsOfThePoolDoNotFailAtAll() throws SQLException {
		try (Connection first = this.dataSource.getConnection();
				Connection second = this.dataSource.getConnection();
				Connection third = this.dataSource.getConnection()) {
			Connection[] all = { first, second, third };
			for (Connection connection : all) {
				connection.setAutoCommit(false);
				warmUp(connection);
			}
			change("more");
			int failures = 0;
			for (int i = 0; i < 9; i++) {
				try {
					insert(all[i % 3]);
					all[i % 3].commit();
				}
				catch (SQLException ex) {
					failures++;
					all[i % 3].rollback();
				}
			}
			assertThat(failures).isEqualTo(1);
		}
	}

	@Test
	void aTransactionThatIsUnderWayIsNotDisturbed() throws SQLException {
		try (Connection first = this.dataSource.getConnection(); Connection second = this.dataSource.getConnection()) {
			first.setAutoCommit(false);
			second.setAutoCommit(false);
			warmUp(first);
			warmUp(second);
			try (Statement open = second.createStatement()) {
				open.execute("PREPARE mine AS SELECT 42");
				change("more");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(first));
				try (ResultSet mine = open
					.executeQuery("SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'")) {
					assertThat(mine.next()).isTrue();
					assertThat(mine.getInt(1)).as("not dropped inside the transaction").isEqualTo(1);
				}
			}
			second.commit();
			insert(second);
		}
	}

	@Test
	void aSavepointUndoesIt() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			warmUp(connection);
			change("more");
			try (Statement statement = connection.createStatement()) {
				statement.execute("SELECT 1");
			}
			Savepoint savepoint = connection.setSavepoint();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(connection));
			connection.rollback(savepoint);
			insert(connection);
			connection.commit();
		}
		assertThat(rows()).isEqualTo(9);
	}

	@Test
	void aBatchFailsOnce() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			for (int i = 0; i < 8; i++) {
				batch(connection);
			}
			change("more");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> batch(connection));
			long before = rows();
			batch(connection);
			assertThat(rows()).isEqualTo(before + 3);
		}
	}

	@Test
	void aDroppedColumnIsOnePreparationToo() throws SQLException {
		change("more");
		try (Connection connection = this.dataSource.getConnection()) {
			for (int i = 0; i < 8; i++) {
				insert(connection);
			}
			this.database.jdbc().sql("ALTER TABLE item DROP COLUMN more").update();
			insert(connection);
		}
		assertThat(rows()).isEqualTo(9);
	}

	@Test
	void aTableThatWasMadeAnewIsOnePreparationToo() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			for (int i = 0; i < 8; i++) {
				select(connection);
			}
			this.database.jdbc().sql("DROP TABLE item").update();
			this.database.jdbc().sql("CREATE TABLE item (name TEXT, id INT PRIMARY KEY)").update();
			select(connection);
		}
	}

	/**
	 * As a pooler in between does, which gives the session's statements to somebody else.
	 */
	@Test
	void statementsThatTheServerHasLostArePreparedAnew() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			warmUp(connection);
			loseStatements(connection);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> select(connection))
				.returns("26000", SQLException::getSQLState);
			connection.rollback();
			select(connection);
			connection.commit();
			connection.setAutoCommit(true);
			warmUp(connection);
			loseStatements(connection);
			select(connection);
		}
	}

	@Test
	void statementsThatTheServerHasAlreadyAreDropped() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			try (Statement statement = connection.createStatement()) {
				for (int i = 1; i <= 60; i++) {
					statement.execute("PREPARE \"S_" + i + "\" AS SELECT " + i);
				}
			}
			int failures = 0;
			for (int i = 0; i < 12; i++) {
				try {
					select(connection);
				}
				catch (SQLException ex) {
					assertThat(ex.getSQLState()).isEqualTo("42P05");
					failures++;
				}
			}
			assertThat(failures).isEqualTo(this.database.isCockroach() ? 0 : 1);
		}
	}

	@Test
	void aConnectionThatThePoolThrowsAwayIsOneFailureOnly() throws SQLException {
		this.pool.setExceptionOverride(null);
		try (Connection connection = this.dataSource.getConnection()) {
			warmUp(connection);
			connection.setAutoCommit(false);
			change("more");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(connection))
				.returns("0A000", SQLException::getSQLState);
		}
		try (Connection connection = this.dataSource.getConnection()) {
			insert(connection);
		}
	}

	private void change(String column) {
		this.database.jdbc().sql("ALTER TABLE item ADD COLUMN " + column + " TEXT DEFAULT 'x'").update();
	}

	private long rows() {
		return this.database.jdbc().sql("SELECT count(*) FROM item").query(Long.class).single();
	}

	/**
	 * The driver prepares a statement on the server when it is executed the fifth time.
	 */
	private static void warmUp(Connection connection) throws SQLException {
		for (int i = 0; i < 8; i++) {
			insert(connection);
			select(connection);
		}
		if (!connection.getAutoCommit()) {
			connection.commit();
		}
	}

	private static void select(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(SELECT)) {
			statement.setInt(1, 1);
			statement.executeQuery().close();
		}
	}

	private static void insert(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
			statement.setString(1, "n");
			try (ResultSet resultSet = statement.executeQuery()) {
				assertThat(resultSet.next()).isTrue();
			}
		}
	}

	private static void batch(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("INSERT INTO item (name) VALUES (?)",
				Statement.RETURN_GENERATED_KEYS)) {
			for (int i = 0; i < 3; i++) {
				statement.setString(1, "b" + i);
				statement.addBatch();
			}
			statement.executeBatch();
		}
	}

	private static void loseStatements(Connection connection) throws SQLException {
		BaseConnection driver = connection.unwrap(BaseConnection.class);
		driver.setFlushCacheOnDeallocate(false);
		driver.execSQLUpdate("DEALLOCATE ALL");
		driver.setFlushCacheOnDeallocate(true);
	}

}
