package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import org.springframework.jdbc.datasource.ConnectionProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
