package io.github.crdbspring.jdbc;

import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Types;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for what guarded connections say about what CockroachDB does not do, on the
 * server itself.
 */
@DatabaseTest
@RequiresCockroach
class DifferencesTests {

	private static TestDatabase database;

	private static CrdbDataSource dataSource;

	private Connection connection;

	private Statement statement;

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		HikariDataSource pool = testDatabase.pool(4);
		pool.setExceptionOverride(new CrdbExceptionOverride());
		dataSource = new CrdbDataSource(pool);
		database.jdbc().sql("CREATE TABLE item (id INT PRIMARY KEY)").update();
		database.jdbc().sql("INSERT INTO item SELECT i FROM generate_series(1, 100) AS g (i)").update();
	}

	@BeforeEach
	void connect() throws SQLException {
		this.connection = dataSource.getConnection();
		this.statement = this.connection.createStatement();
	}

	@AfterEach
	void close() throws SQLException {
		this.connection.close();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			LISTEN news                         | 42601 | changefeed
			NOTIFY news, 'it is'                | 42601 | changefeed
			unlisten *                          | 42601 | changefeed
			/* a reason */ LISTEN news          | 42601 | changefeed
			SELECT pg_notify('news', 'it is')   | 42883 | changefeed
			Rollback  Prepared 'it'             | 42601 | two-phase commit
			LOCK TABLE item IN EXCLUSIVE MODE   | 42601 | FOR UPDATE
			LOCK item                           | 42601 | FOR UPDATE
			SELECT 1; LOCK item                 | 42601 | FOR UPDATE
			""")
	void saysWhatToUseInstead(String sql, String sqlState, String advice) throws SQLException {
		assertExplained(() -> this.statement.execute(sql), sqlState, advice);
		try (PreparedStatement prepared = this.connection.prepareStatement(sql)) {
			assertExplained(prepared::execute, sqlState, advice);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "PREPARE TRANSACTION 'it'", "COMMIT PREPARED 'it'", "Rollback  Prepared 'it'" })
	void saysThatThereIsNoTwoPhaseCommit(String sql) throws SQLException {
		assumeThat(database.serverInfo().version().isAtLeast(25, 1)).as("The server takes it, unsupported").isFalse();
		assertExplained(() -> this.statement.execute(sql), "42601", "two-phase commit");
	}

	@ParameterizedTest
	@CsvSource({ "LISTEN news, 42601, changefeed", "LOCK TABLE item, 42601, FOR UPDATE" })
	void saysSoInABatchToo(String sql, String sqlState, String advice) throws SQLException {
		this.statement.addBatch(sql);
		this.statement.addBatch("SELECT 1");
		assertThatExceptionOfType(BatchUpdateException.class).isThrownBy(this.statement::executeBatch)
			.returns(sqlState, SQLException::getSQLState)
			.withMessageContaining(advice)
			.satisfies((ex) -> assertThat((Exception) ex.getNextException()).isInstanceOf(PSQLException.class))
			.satisfies((ex) -> assertThat(ex.getUpdateCounts()).hasSize(2))
			.withCauseInstanceOf(BatchUpdateException.class);
	}

	@Test
	void anotherSyntaxErrorStaysWhatItIs() {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.statement.execute("LISTENING 'LISTEN x'"))
			.isInstanceOf(PSQLException.class);
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> this.statement.execute("SELECT nothing_of_that_name()"))
			.isInstanceOf(PSQLException.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT pg_try_advisory_lock(1)", "SELECT pg_advisory_unlock(1)" })
	void refusesAdvisoryLocksAlthoughTheServerWouldNot(String sql) throws SQLException {
		assertRefused(() -> this.statement.execute(sql));
		assertRefused(() -> this.statement.executeQuery(sql));
		assertRefused(() -> this.statement.executeUpdate(sql));
		assertRefused(() -> this.statement.addBatch(sql));
		assertRefused(() -> this.connection.prepareStatement(sql));
		assertRefused(() -> this.connection.prepareCall(sql));
		try (Statement driverStatement = this.connection.unwrap(PgConnection.class).createStatement();
				ResultSet resultSet = driverStatement.executeQuery(sql)) {
			assertThat(resultSet.next()).isTrue();
			assertThat(resultSet.getBoolean(1)).as("a lie").isTrue();
		}
	}

	@Test
	void aRefusedAdvisoryLockLeavesTheTransactionAsItIs() throws SQLException {
		this.connection.setAutoCommit(false);
		this.statement.execute("INSERT INTO item VALUES (1001)");
		assertRefused(() -> this.statement.execute("SELECT pg_try_advisory_lock(1)"));
		this.connection.commit();
		assertThat(count(1001)).isOne();
	}

	@Test
	void whileAResultSetIsReadNothingElseGoes() throws SQLException {
		assertPortalExplained(() -> this.statement.execute("SELECT 1"));
		assertPortalExplained(() -> this.connection.prepareStatement("SELECT 1").executeQuery());
		assertPortalExplained(() -> this.connection.getMetaData().getTables(null, null, "item", null));
		assertPortalExplained(() -> this.connection.setSavepoint());
		assertPortalExplained(() -> {
			CallableStatement call = this.connection.prepareCall("{? = call lower(?)}");
			call.registerOutParameter(1, Types.VARCHAR);
			call.setString(2, "A");
			call.execute();
		});
	}

	@Test
	void aBatchWhileAResultSetIsReadSaysSoToo() throws SQLException {
		openResultSet();
		PreparedStatement insert = this.connection.prepareStatement("INSERT INTO item VALUES (?)");
		insert.setInt(1, 1002);
		insert.addBatch();
		assertThatExceptionOfType(BatchUpdateException.class).isThrownBy(insert::executeBatch)
			.returns("0A000", SQLException::getSQLState)
			.withMessageContaining("fetch size");
	}

	@Test
	void commitWhileAResultSetIsReadCommitsOrSaysWhyNot() throws SQLException {
		this.connection.setAutoCommit(false);
		this.statement.execute("INSERT INTO item VALUES (1003)");
		openResultSet();
		boolean committed = true;
		try {
			this.connection.commit();
		}
		catch (SQLException ex) {
			committed = false;
			assertExplained(() -> {
				throw ex;
			}, "0A000", "fetch size");
			this.connection.rollback();
		}
		assertThat(count(1003)).isEqualTo(committed ? 1 : 0);
		this.statement.execute("INSERT INTO item VALUES (1004)");
		this.connection.commit();
		assertThat(count(1004)).isOne();
	}

	@Test
	void afterAResultSetIsClosedEverythingGoesAgain() throws SQLException {
		openResultSet().close();
		this.statement.execute("INSERT INTO item VALUES (1005)");
		this.connection.commit();
		assertThat(count(1005)).isOne();
	}

	private void assertPortalExplained(ThrowingCallable action) throws SQLException {
		openResultSet();
		assertExplained(action, "0A000", "fetch size");
		this.connection.rollback();
	}

	private ResultSet openResultSet() throws SQLException {
		this.connection.setAutoCommit(false);
		Statement reading = this.connection.createStatement();
		reading.setFetchSize(10);
		ResultSet resultSet = reading.executeQuery("SELECT id FROM item");
		assertThat(resultSet.next()).isTrue();
		return resultSet;
	}

	private static void assertExplained(ThrowingCallable action, String sqlState, String advice) {
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class).isThrownBy(action)
			.returns(sqlState, SQLException::getSQLState)
			.withMessageContaining(advice)
			.havingCause()
			.isInstanceOf(PSQLException.class)
			.isInstanceOfSatisfying(SQLException.class, (cause) -> assertThat(cause.getSQLState()).isEqualTo(sqlState));
	}

	private static void assertRefused(ThrowingCallable action) {
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class).isThrownBy(action)
			.withMessageContaining("was not sent")
			.withNoCause();
	}

	private static int count(int id) {
		return database.jdbc()
			.sql("SELECT count(*) FROM item WHERE id = :id")
			.param("id", id)
			.query(Integer.class)
			.single();
	}

}
