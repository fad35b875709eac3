package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import javax.sql.DataSource;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link FaultInjector}: what is injected is seen as if the server had done it.
 */
@DatabaseTest
class FaultInjectorTests {

	private static JdbcClient jdbc;

	private static CrdbDataSource dataSource;

	@BeforeAll
	static void createTable(TestDatabase database) {
		jdbc = database.jdbc();
		jdbc.sql("CREATE TABLE fault (id INT PRIMARY KEY)").update();
		dataSource = new CrdbDataSource(database.pool(2), List.of(new Injector()));
	}

	@Test
	void anErrorInPlaceOfCommitIsOneOfCommit() throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			connection.setAutoCommit(false);
			insert(connection, 1);
			assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit)
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("40001"));
			assertThat(end(connection)).isEqualTo(TransactionEnd.ROLLED_BACK);
			connection.rollback();
		}
		assertThat(jdbc.sql("SELECT count(*) FROM fault WHERE id = 1").query(Integer.class).single()).isZero();
	}

	@Test
	void anErrorAfterCommitLeavesTheOutcomeOpen() throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			connection.setAutoCommit(false);
			insert(connection, 2);
			assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(connection::commit);
			assertThat(end(connection)).isEqualTo(TransactionEnd.UNKNOWN);
		}
		assertThat(jdbc.sql("SELECT count(*) FROM fault WHERE id = 2").query(Integer.class).single()).isOne();
	}

	@Test
	void anErrorOfAStatementIsTheTransactionsFirst() throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			connection.setAutoCommit(false);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> insert(connection, 3))
				.withMessage("injected");
			SQLException first = connection.unwrap(GuardedConnection.class).findTransactionFailure();
			assertThat(first.getMessage()).isEqualTo("injected");
			connection.rollback();
		}
	}

	private static void insert(Connection connection, int id) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("INSERT INTO fault VALUES (" + id + ")");
		}
	}

	private static TransactionEnd end(Connection connection) throws SQLException {
		return connection.unwrap(GuardedConnection.class).transactionEnd();
	}

	/**
	 * Fails at COMMIT for 1, after it for 2, and with the statement for 3.
	 */
	private static final class Injector implements CrdbConnectionCustomizer, FaultInjector {

		@Override
		public void customize(Connection connection, ServerInfo serverInfo) {
		}

		@Override
		public Faults open(Connection connection, DataSource source) {
			assertThat(source).isSameAs(dataSource);
			return new Faults() {

				private String last = "";

				@Override
				public void accompanied() {
				}

				@Override
				public void executed(Object executed, String sql, boolean accompanied) throws SQLException {
					this.last = sql;
					if (sql.contains("(3)")) {
						try (Statement failing = connection.createStatement()) {
							failing.execute("not a statement");
						}
						catch (SQLException ex) {
							throw new SQLException("injected", "40001", ex);
						}
					}
				}

				@Override
				public void commit(Commit commit, boolean accompanied) throws SQLException {
					if (this.last.contains("(1)")) {
						connection.rollback();
						throw new SQLException("injected", "40001");
					}
					commit.send();
					throw new SQLException("injected", "40003");
				}

			};
		}

	}

}
