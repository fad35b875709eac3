package io.github.crdbspring.jdbc;

import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.InterceptedDataSource;
import io.github.crdbspring.test.LogRecorder;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PgConnection;

import org.springframework.jdbc.datasource.ConnectionProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link CrdbDataSource} and its guarded connections.
 */
@DatabaseTest
class CrdbDataSourceTests {

	private static TestDatabase database;

	private static CrdbDataSource dataSource;

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		dataSource = testDatabase.dataSource();
		testDatabase.jdbc().sql("CREATE TABLE item (id INT PRIMARY KEY)").update();
	}

	@Test
	void knowsTheServer() {
		ServerInfo serverInfo = dataSource.getServerInfo();
		assertThat(serverInfo.vendor()).isEqualTo(database.isCockroach() ? "CockroachDB" : "PostgreSQL");
		assertThat(serverInfo.version() != null).isEqualTo(database.isCockroach());
		assertThat(serverInfo.description()).startsWith(serverInfo.vendor());
	}

	@Test
	void unwrapsToThePoolAndTheDriver() throws SQLException {
		assertThat(dataSource.unwrap(HikariDataSource.class)).isNotNull();
		try (Connection connection = dataSource.getConnection()) {
			assertThat(connection.unwrap(PGConnection.class)).isNotNull();
			assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
			assertThat(connection.unwrap(GuardedConnection.class)).isSameAs(connection);
			assertThat(((ConnectionProxy) connection).getTargetConnection()).isNotSameAs(connection);
		}
	}

	@Test
	void whatAConnectionHandsOutLeadsBackToIt() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			assertThat(statement.getConnection()).isSameAs(connection);
			assertThat(connection.prepareStatement("SELECT 1").getConnection()).isSameAs(connection);
			assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
		}
	}

	@Test
	void whatAResultSetHandsOutLeadsBackToTheConnection() throws SQLException {
		try (Connection connection = dataSource.getConnection();
				PreparedStatement prepared = connection.prepareStatement("SELECT ARRAY[1, 2]");
				ResultSet rows = prepared.executeQuery()) {
			assertThat(rows.getStatement()).isSameAs(prepared);
			assertThat(rows.getStatement().getConnection()).isSameAs(connection);
			assertThat(prepared.getResultSet().getStatement().getConnection()).isSameAs(connection);
			assertThat(rows.next()).isTrue();
			try (ResultSet elements = rows.getArray(1).getResultSet()) {
				assertThat(elements.getStatement().getConnection()).isSameAs(connection);
			}
			assertThat(((Array) rows.getObject(1)).getResultSet().getStatement().getConnection()).isSameAs(connection);
		}
	}

	@Test
	void whatAStatementOfAnyKindReturnsLeadsBackToTheConnection() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			assertThat(statement.executeQuery("SELECT 1").getStatement()).isSameAs(statement);
			assertThat(statement.execute("SELECT 1")).isTrue();
			assertThat(statement.getResultSet().getStatement().getConnection()).isSameAs(connection);
			statement.executeUpdate("INSERT INTO item VALUES (10)", Statement.RETURN_GENERATED_KEYS);
			assertThat(statement.getGeneratedKeys().getStatement().getConnection()).isSameAs(connection);
			try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?)",
					new String[] { "id" })) {
				insert.setInt(1, 11);
				insert.executeUpdate();
				assertThat(insert.getGeneratedKeys().getStatement().getConnection()).isSameAs(connection);
			}
			try (CallableStatement call = connection.prepareCall("SELECT 1")) {
				assertThat(call.executeQuery().getStatement().getConnection()).isSameAs(connection);
			}
		}
	}

	@Test
	void whatTheMetadataReturnsLeadsBackToTheConnection() throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			DatabaseMetaData metaData = connection.getMetaData();
			for (ResultSet rows : List.of(metaData.getTables(null, null, "item", null), metaData.getTableTypes(),
					metaData.getColumns(null, null, "item", null), metaData.getSchemas())) {
				assertThat(rows.getStatement().getConnection()).isSameAs(connection);
			}
		}
	}

	@Test
	void aCommitByWayOfAResultSetIsGuarded() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			Connection found = statement.executeQuery("SELECT 1").getStatement().getConnection();
			statement.execute("INSERT INTO item VALUES (12)");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 1/0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(found::commit);
		}
		assertThat(countItems(12)).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "COMMIT", "commit;", "END" })
	void aStatementThatCommitsAFailedTransactionThrowsItsFirstError(String commit) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO item VALUES (13)");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("INSERT INTO item VALUES (13)"));
			assertThatExceptionOfType(FailedTransactionCommitException.class)
				.isThrownBy(() -> statement.execute(commit))
				.returns("23505", SQLException::getSQLState)
				.havingCause()
				.withMessageContaining("duplicate key");
			statement.execute("INSERT INTO item VALUES (14)");
			connection.commit();
		}
		assertThat(countItems(13)).isZero();
		assertThat(countItems(14)).isOne();
		database.jdbc().sql("DELETE FROM item WHERE id = 14").update();
	}

	@ParameterizedTest
	@ValueSource(strings = { "COMMIT", "ROLLBACK" })
	void whereAStatementEndsATransactionTheRestGoesOnUndisturbed(String end) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO item VALUES (15)");
			statement.execute(end);
			connection.commit();
			statement.execute("INSERT INTO item VALUES (16)");
			statement.execute(end);
			statement.execute("INSERT INTO item VALUES (17)");
			connection.commit();
			connection.setAutoCommit(true);
		}
		assertThat(countItems(15) + countItems(16)).isEqualTo(end.equals("COMMIT") ? 2 : 0);
		assertThat(countItems(17)).isOne();
		database.jdbc().sql("DELETE FROM item WHERE id IN (15, 16, 17)").update();
	}

	@Test
	void aPoolWhoseConnectionsDoNotLeadToTheDriverIsRefusedOrWarnedOf() {
		CrdbDataSource unguarded = new CrdbDataSource(new InterceptedDataSource(database.pool(1), (call) -> {
			if (call.is("isWrapperFor")) {
				return false;
			}
			if (call.is("unwrap")) {
				throw new SQLException("Wraps nothing");
			}
			return call.proceed();
		}));
		try (LogRecorder log = new LogRecorder()) {
			SQLException refusal = catchThrowableOfType(SQLException.class, () -> unguarded.getConnection().close());
			assertThat((refusal != null) ? List.of(refusal.getMessage()) : log.warnings()).singleElement()
				.asString()
				.contains("unwrap");
		}
	}

	@Test
	void commitOfAFailedTransactionThrowsItsFirstError() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO item VALUES (1)");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("INSERT INTO item VALUES (1)"));
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 2"))
				.returns("25P02", SQLException::getSQLState);
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit)
				.returns("23505", SQLException::getSQLState)
				.havingCause()
				.isInstanceOf(SQLException.class)
				.withMessageContaining("duplicate key");
		}
		assertThat(countItems(1)).isZero();
	}

	/**
	 * As libraries find out who is first.
	 */
	@Test
	void aDuplicateThatWasRefusedBeforeAnythingElseWasChangedLosesNothing() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("INSERT INTO item VALUES (5)");
			connection.setAutoCommit(false);
			for (int i = 0; i < 2; i++) {
				assertThat(statement.executeUpdate("UPDATE item SET id = 6 WHERE id = 7")).isZero();
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> statement.executeUpdate("INSERT INTO item VALUES (5)"));
				connection.commit();
			}
			statement.execute("DELETE FROM item WHERE id = 5");
			connection.commit();
		}
		assertThat(countItems(5)).isZero();
	}

	@Test
	void whatWasDoneOnTheDriversOwnConnectionIsNotTakenForNothing() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			try (Statement unseen = connection.unwrap(PgConnection.class).createStatement()) {
				unseen.execute("INSERT INTO item VALUES (10)");
			}
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.executeUpdate("INSERT INTO item VALUES (10)"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "UPDATE item SET id = 9 WHERE id = 8",
			"UPDATE item SET id = 9 WHERE id = 7; UPDATE item SET id = 9 WHERE id = 8",
			"CREATE TABLE sibling (id INT)" })
	void aDuplicateThatWasRefusedAfterSomethingElseIsNoSuccess(String before) throws SQLException {
		database.jdbc().sql("INSERT INTO item VALUES (8)").update();
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.executeUpdate(before);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.executeUpdate("INSERT INTO item VALUES (8), (8)"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit);
		}
		assertThat(countItems(8)).isOne();
		database.jdbc().sql("DELETE FROM item WHERE id = 8").update();
	}

	@Test
	void autoCommitInsideATransactionIsACommitAndGuardedLikeOne() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO item VALUES (2)");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 1/0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class)
				.isThrownBy(() -> connection.setAutoCommit(true));
		}
		assertThat(countItems(2)).isZero();
	}

	@Test
	void aTransactionThatRecoveredWithASavepointIsCommitted() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO item VALUES (3)");
			var savepoint = connection.setSavepoint();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("INSERT INTO item VALUES (3)"));
			connection.rollback(savepoint);
			connection.commit();
		}
		assertThat(countItems(3)).isOne();
	}

	@Test
	void theConnectionIsUsableAfterARefusedCommit() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 1/0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit);
			statement.execute("INSERT INTO item VALUES (4)");
			connection.commit();
		}
		assertThat(countItems(4)).isOne();
	}

	private static int countItems(int id) {
		return database.jdbc()
			.sql("SELECT count(*) FROM item WHERE id = :id")
			.param("id", id)
			.query(Integer.class)
			.single();
	}

}
