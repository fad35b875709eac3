package io.github.crdbspring.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link CrdbSessions}.
 */
@DatabaseTest
class CrdbSessionsTests {

	private static final String UNKNOWN_ID = "15234d8813ad694b0000000000000001";

	private static TestDatabase database;

	private static CrdbDataSource dataSource;

	private static CrdbSessions sessions;

	@BeforeAll
	static void create(TestDatabase testDatabase) {
		database = testDatabase;
		dataSource = testDatabase.dataSource();
		sessions = new CrdbSessions(dataSource);
	}

	@Test
	@RequiresCockroach
	void listsSessions() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("SET application_name = 'listed'");
			String id = sessionId(statement);
			assertThat(sessions.sessions()).filteredOn((session) -> session.id().equals(id))
				.singleElement()
				.satisfies((session) -> {
					assertThat(session.nodeId()).isPositive();
					assertThat(session.userName()).isEqualTo("root");
					assertThat(session.clientAddress()).contains(":");
					assertThat(session.applicationName()).isEqualTo("listed");
					assertThat(session.activeQueries()).isEmpty();
					assertThat(session.lastActiveQuery()).isEqualToIgnoringCase("SHOW session_id");
					assertThat(session.start()).isBetween(Instant.now().minus(Duration.ofMinutes(10)),
							Instant.now().plusSeconds(10));
				});
			statement.execute("RESET application_name");
		}
	}

	@Test
	@RequiresCockroach
	void listsTheQueryOfItsList() {
		assertThat(sessions.queries())
			.filteredOn((query) -> query.sql() != null && query.sql().startsWith("SHOW CLUSTER"))
			.isNotEmpty()
			.allSatisfy((query) -> {
				assertThat(query.id()).matches("[0-9a-f]{32}");
				assertThat(query.sessionId()).matches("[0-9a-f]{32}");
				assertThat(query.userName()).isEqualTo("root");
				assertThat(query.phase()).isEqualTo("executing");
				assertThat(query.start()).isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(10));
			});
	}

	@Test
	@RequiresCockroach
	void cancelsAQuery() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			CompletableFuture<String> failure = run(statement, "SELECT pg_sleep(60)");
			CrdbSessions.Query query = await("SELECT pg_sleep(60");
			assertThat(sessions.cancelQuery(query.id())).isTrue();
			assertThat(failure.join()).isEqualTo("57014");
			assertThat(sessions.cancelQuery(query.id())).as("again").isFalse();
			assertThat(statement.execute("SELECT 1")).as("the connection goes on").isTrue();
		}
	}

	@Test
	@RequiresCockroach
	void cancelsAQueryThatWaitsForALock() throws SQLException {
		database.jdbc().sql("CREATE TABLE locked (id INT PRIMARY KEY, value INT)").update();
		database.jdbc().sql("INSERT INTO locked VALUES (1, 1)").update();
		try (Connection holder = dataSource.getConnection();
				Connection waiter = dataSource.getConnection();
				Statement holding = holder.createStatement();
				Statement waiting = waiter.createStatement()) {
			holder.setAutoCommit(false);
			holding.execute("UPDATE locked SET value = 2 WHERE id = 1");
			CompletableFuture<String> failure = run(waiting, "UPDATE locked SET value = 3 WHERE id = 1");
			CrdbSessions.Query query = await("UPDATE locked SET value = 3 WHERE id = 1");
			assertThat(sessions.cancelQuery(query.id())).isTrue();
			assertThat(failure.join()).isEqualTo("57014");
			holder.commit();
		}
	}

	@Test
	@RequiresCockroach
	void cancelsASession() throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			String id = sessionId(statement);
			CompletableFuture<String> failure = run(statement, "SELECT pg_sleep(61)");
			await("SELECT pg_sleep(61");
			assertThat(sessions.cancelSession(id)).isTrue();
			assertThat(failure.join()).isIn("08006", "57014", "57P01");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 1"));
			assertThat(sessions.sessions()).noneMatch((session) -> session.id().equals(id));
		}
	}

	@Test
	@RequiresCockroach
	void thereIsNothingToCancel() {
		assertThat(sessions.cancelQuery(UNKNOWN_ID)).isFalse();
		assertThat(sessions.cancelSession(UNKNOWN_ID)).isFalse();
	}

	@Test
	@RequiresCockroach
	void goesOnInATransactionThatHasFailed() {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult((status) -> {
			assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> jdbc.execute("SELECT 1/0"));
			assertThat(sessions.sessions()).isNotEmpty();
			assertThat(sessions.cancelQuery(UNKNOWN_ID)).isFalse();
			status.setRollbackOnly();
		});
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "1", "zz", "15234d8813ad694b000000000000000", "15234d8813ad694b00000000000000011",
			"15234D8813AD694B0000000000000001", " 15234d8813ad694b0000000000000001",
			"15234d8813ad694b0000000000000001\n", "'; DROP TABLE item; --",
			"15234d8813ad694b0000000000000001'; SELECT '1", "(SELECT query_id FROM [SHOW QUERIES])",
			"15234d8813ad694b00000000000000\u0661\u0661" })
	void sendsNothingThatIsNoId(String id) throws Exception {
		try (WireProxy proxy = database.proxy()) {
			CrdbSessions watched = new CrdbSessions(database.pool(1, proxy));
			assertThatIllegalArgumentException().isThrownBy(() -> watched.cancelQuery(id))
				.withMessageContaining("32 hexadecimal digits");
			assertThatIllegalArgumentException().isThrownBy(() -> watched.cancelSession(id));
			assertThat(proxy.statements()).isEmpty();
		}
	}

	@Test
	void needsCockroach() {
		assumeThat(database.isCockroach()).as("PostgreSQL refuses it").isFalse();
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class).isThrownBy(sessions::sessions)
			.withMessageContaining("needs CockroachDB; this is PostgreSQL");
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class).isThrownBy(sessions::queries);
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> sessions.cancelQuery(UNKNOWN_ID));
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> sessions.cancelSession(UNKNOWN_ID));
	}

	@Test
	void needsTheDriverOfPostgres() {
		Connection foreign = (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { Connection.class },
				(proxy, method, args) -> (method.getReturnType() == boolean.class) ? false : null);
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> new CrdbSessions(new SingleConnectionDataSource(foreign, false)).sessions())
			.withMessageContaining("PostgreSQL driver");
	}

	@Test
	void saysSoIfThereIsNoConnection() {
		DataSource nowhere = new DriverManagerDataSource("jdbc:postgresql://localhost:1/none?sslmode=disable");
		assertThatExceptionOfType(CannotGetJdbcConnectionException.class)
			.isThrownBy(() -> new CrdbSessions(nowhere).sessions());
	}

	private static String sessionId(Statement statement) throws SQLException {
		try (var resultSet = statement.executeQuery("SHOW session_id")) {
			assertThat(resultSet.next()).isTrue();
			return resultSet.getString(1);
		}
	}

	private static CompletableFuture<String> run(Statement statement, String sql) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				statement.execute(sql);
				throw new AssertionError("Not cancelled: " + sql);
			}
			catch (SQLException ex) {
				return ex.getSQLState();
			}
		});
	}

	/**
	 * Wait until a query runs. The server may show a number with a fraction.
	 */
	private static CrdbSessions.Query await(String beginning) {
		Instant deadline = Instant.now().plusSeconds(30);
		while (Instant.now().isBefore(deadline)) {
			List<CrdbSessions.Query> found = sessions.queries()
				.stream()
				.filter((query) -> query.sql() != null && query.sql().startsWith(beginning))
				.toList();
			if (!found.isEmpty()) {
				return found.get(0);
			}
			LockSupport.parkNanos(20_000_000);
		}
		throw new AssertionError("Never ran: " + beginning);
	}

}
