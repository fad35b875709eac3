package io.github.crdbspring.transaction;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for options that travel with the first statement of a transaction.
 */
@ExtendWith(OutputCaptureExtension.class)
class PipelinedOptionsTests extends AbstractWireTests {

	private static final String OPTIONS = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";

	private static final CrdbTransactionOptions SERIALIZABLE = CrdbTransactionOptions.builder()
		.isolation(Isolation.SERIALIZABLE)
		.build();

	private final CrdbDataSource dataSource = this.fixture.dataSource;

	private final JdbcTemplate jdbcTemplate = new JdbcTemplate(this.dataSource);

	@BeforeAll
	static void createPhotos(TestDatabase testDatabase) {
		testDatabase.jdbc().sql("CREATE TABLE IF NOT EXISTS photo (id INT PRIMARY KEY, image BYTEA)").update();
	}

	@Override
	@BeforeEach
	void connect() {
		this.dataSource.setPipelineOptions(true);
		super.connect();
		database.jdbc().sql("DELETE FROM photo").update();
	}

	@Test
	void queryTakesThemAlong() {
		List<String> sent = sent((status) -> assertThat(Conflicts.read(this.fixture.jdbc, 1)).isNotNegative());
		assertThat(sent).containsExactly("BEGIN", OPTIONS, "SELECT balance FROM account WHERE id = $1", "COMMIT");
		int roundTrips = this.proxy.roundTrips();
		sent(CrdbTransactionOptions.none(), (status) -> Conflicts.read(this.fixture.jdbc, 1));
		assertThat(roundTrips).isEqualTo(this.proxy.roundTrips());
	}

	@Test
	void updateTakesThemAlongAndHasItsOwnCount() {
		List<String> sent = sent((status) -> {
			assertThat(insert(1)).isOne();
			assertThat(insert(2)).isOne();
			assertThat(this.jdbcTemplate.update("UPDATE photo SET image = NULL")).isEqualTo(2);
		});
		String insert = "INSERT INTO photo (id) VALUES ($1)";
		assertThat(sent).containsExactly("BEGIN", OPTIONS, insert, insert, "UPDATE photo SET image = NULL", "COMMIT");
	}

	@Test
	void statementWithoutParametersTakesThemAlong() {
		List<String> sent = sent(
				(status) -> assertThat(this.jdbcTemplate.queryForObject("SELECT 42", Integer.class)).isEqualTo(42));
		assertThat(sent).containsExactly("BEGIN", OPTIONS, "SELECT 42", "COMMIT");
	}

	@Test
	void withoutAStatementNothingIsSent() {
		assertThat(sent((status) -> {
		})).isEmpty();
		assertThat(sent(TransactionStatus::setRollbackOnly)).isEmpty();
		sent((status) -> Conflicts.read(this.fixture.jdbc, 1));
		assertThat(this.proxy.statements()).containsOnlyOnce(OPTIONS);
	}

	@Test
	void generatedKeysComeBack() {
		List<String> sent = sent((status) -> {
			GeneratedKeyHolder keys = new GeneratedKeyHolder();
			this.fixture.jdbc.sql("INSERT INTO photo (id) VALUES (?)").param(7).update(keys, "id");
			assertThat(keys.getKey()).isEqualTo(database.isCockroach() ? (Object) 7L : 7);
		});
		assertThat(sent).startsWith("BEGIN", OPTIONS);
	}

	@Test
	void batchIsExecutedWhole() {
		List<String> sent = sent((status) -> assertThat(
				this.jdbcTemplate.batchUpdate("INSERT INTO photo (id) VALUES (?)", List.of(args(1), args(2), args(3))))
			.containsExactly(1, 1, 1));
		assertThat(sent).startsWith("BEGIN", OPTIONS);
		assertThat(count()).isEqualTo(3);
	}

	@Test
	void batchThatIsAddedToAStatementThatHadParametersIsExecutedWhole() {
		sent((status) -> jdbc((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement("INSERT INTO photo (id) VALUES (?)")) {
				statement.setInt(1, 1);
				statement.addBatch();
				statement.setInt(1, 2);
				statement.addBatch();
				assertThat(statement.executeBatch()).containsExactly(1, 1);
			}
			return null;
		}));
		assertThat(count()).isEqualTo(2);
	}

	@Test
	void streamIsReadOnce() {
		byte[] image = { 1, 2, 3 };
		sent((status) -> jdbc((connection) -> {
			try (PreparedStatement statement = connection
				.prepareStatement("INSERT INTO photo (id, image) VALUES (?, ?)")) {
				statement.setInt(1, 1);
				statement.setBinaryStream(2, new ByteArrayInputStream(image), image.length);
				assertThat(statement.executeUpdate()).isOne();
			}
			return null;
		}));
		assertThat(database.jdbc().sql("SELECT image FROM photo").query(byte[].class).single()).isEqualTo(image);
	}

	@Test
	void statementCanBeExecutedAgainAndAnotherOneFirst() {
		List<String> sent = sent((status) -> jdbc((connection) -> {
			try (PreparedStatement read = connection.prepareStatement("SELECT CAST(? AS INT)");
					PreparedStatement other = connection.prepareStatement("SELECT 2")) {
				read.setInt(1, 1);
				assertThat(only(other.executeQuery())).isEqualTo(2);
				assertThat(only(read.executeQuery())).isEqualTo(1);
				assertThat(other.execute()).isTrue();
				assertThat(only(other.getResultSet())).isEqualTo(2);
				read.setInt(1, 3);
				assertThat(only(read.executeQuery())).isEqualTo(3);
			}
			return null;
		}));
		assertThat(sent).containsOnlyOnce(OPTIONS).startsWith("BEGIN", OPTIONS, "SELECT 2");
	}

	@Test
	void resultsAreThoseOfTheStatement() {
		sent((status) -> jdbc((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement("INSERT INTO photo (id) VALUES (?)")) {
				statement.setInt(1, 1);
				assertThat(statement.execute()).isFalse();
				assertThat(statement.getUpdateCount()).isOne();
				assertThat(statement.getMoreResults()).isFalse();
				assertThat(statement.getUpdateCount()).isEqualTo(-1);
			}
			return null;
		}));
		sent((status) -> jdbc((connection) -> {
			try (PreparedStatement statement = connection.prepareStatement("SELECT 1 WHERE ? = 1")) {
				statement.setInt(1, 1);
				statement.setMaxRows(1);
				ResultSet rows = statement.executeQuery();
				assertThat(rows.getStatement()).isSameAs(statement);
				assertThat(rows.getStatement().getConnection()).isInstanceOf(GuardedConnection.class);
				assertThat(only(rows)).isOne();
			}
			return null;
		}));
	}

	@Test
	void wrongKindOfExecutionIsAnErrorAsTheDrivers() {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(
				() -> sent((status) -> jdbc((connection) -> connection.prepareStatement("SELECT 1").executeUpdate())))
			.havingRootCause()
			.withMessageContaining("A result was returned when none was expected");
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> sent(
					(status) -> jdbc((connection) -> connection.prepareStatement("DELETE FROM photo").executeQuery())))
			.havingRootCause()
			.withMessageContaining("No results were returned by the query");
	}

	@Test
	void failureIsTheStatements() {
		insert(1);
		assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> sent((status) -> insert(1)));
		assertThatExceptionOfType(EmptyResultDataAccessException.class)
			.isThrownBy(() -> sent((status) -> this.fixture.jdbc.sql("SELECT id FROM photo WHERE id = ?")
				.param(2)
				.query(Integer.class)
				.single()));
	}

	@Test
	void savepointAndMetadataComeAfterThem() {
		List<String> sent = sent((status) -> {
			Object savepoint = status.createSavepoint();
			insert(1);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(sent).startsWith("BEGIN", OPTIONS).element(2).asString().startsWith("SAVEPOINT");
		assertThat(count()).isZero();
		sent = sent((status) -> jdbc((connection) -> {
			try (ResultSet tables = connection.getMetaData().getTables(null, "public", "photo", null)) {
				return tables.next();
			}
		}));
		assertThat(sent).startsWith("BEGIN", OPTIONS);
	}

	@Test
	void retriedAttemptSendsThemAgain() {
		List<String> sent = sent((status) -> {
			insert(this.fixture.attempt());
			if (this.fixture.attempts.size() == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		});
		assertThat(sent).containsExactly("BEGIN", OPTIONS, "INSERT INTO photo (id) VALUES ($1)", "ROLLBACK", "BEGIN",
				OPTIONS, "INSERT INTO photo (id) VALUES ($1)", "COMMIT");
		assertThat(count()).isOne();
	}

	@Test
	@RequiresCockroach
	void serverCanStillRetryTheFirstStatementByItself() {
		ForceRetry.assumeAllowed(database);
		CrdbTransactionOptions options = SERIALIZABLE.toBuilder().priority(TransactionPriority.HIGH).build();
		List<String> sent = sent(options, (status) -> ForceRetry.until(this.fixture.jdbc, "50ms"));
		assertThat(sent).containsExactly("BEGIN", OPTIONS + ", PRIORITY HIGH",
				"SELECT crdb_internal.force_retry('50ms')", "COMMIT");
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	@Test
	@RequiresCockroach
	void serverCanDoSoEvenWithSessionVariables() {
		assumeThat(database.serverInfo().supports(ServerFeature.LOCK_TIMEOUT)).isTrue();
		ForceRetry.assumeAllowed(database);
		CrdbTransactionOptions options = SERIALIZABLE.toBuilder().lockTimeout(Duration.ofMinutes(1)).build();
		List<String> sent = sent(options, (status) -> ForceRetry.until(this.fixture.jdbc, "50ms"));
		assertThat(sent).hasSize(5).endsWith("SELECT crdb_internal.force_retry('50ms')", "COMMIT");
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	@Test
	void poolThatCannotDoItSaysSo(CapturedOutput output) {
		CrdbDataSource pool = new CrdbDataSource(new OneStatementAtATime(this.dataSource.getTargetDataSource()));
		pool.setPipelineOptions(true);
		TransactionFixture transactions = new TransactionFixture(pool);
		transactions.template().executeWithoutResult(SERIALIZABLE, (status) -> Conflicts.read(transactions.jdbc, 1));
		assertThat(output).containsOnlyOnce("(crdb.dialect.pipeline-options)")
			.contains("not several statements in one text");
		this.proxy.clear();
		transactions.template().executeWithoutResult(SERIALIZABLE, (status) -> Conflicts.read(transactions.jdbc, 1));
		assertThat(this.proxy.statements()).hasSize(4).startsWith("BEGIN", OPTIONS);
	}

	@Test
	void areNotSentTogetherWithoutTheDialect() {
		CrdbDataSource pool = new CrdbDataSource(this.dataSource.getTargetDataSource(), List.of(), false);
		pool.setPipelineOptions(true);
		TransactionFixture transactions = new TransactionFixture(pool);
		transactions.template().executeWithoutResult(SERIALIZABLE, (status) -> Conflicts.read(transactions.jdbc, 1));
		int apart = this.proxy.roundTrips();
		sent((status) -> Conflicts.read(this.fixture.jdbc, 1));
		assertThat(this.proxy.roundTrips()).isEqualTo(apart - 1);
	}

	private List<String> sent(Consumer<TransactionStatus> action) {
		return sent(SERIALIZABLE, action);
	}

	private List<String> sent(CrdbTransactionOptions options, Consumer<TransactionStatus> action) {
		this.proxy.clear();
		this.fixture.template().executeWithoutResult(options, action);
		return List.copyOf(this.proxy.statements());
	}

	private int insert(int id) {
		return this.fixture.jdbc.sql("INSERT INTO photo (id) VALUES (?)").param(id).update();
	}

	private static Object[] args(int id) {
		return new Object[] { id };
	}

	private <T> void jdbc(ConnectionCallback<T> action) {
		this.jdbcTemplate.execute(action);
	}

	private static int only(ResultSet rows) throws SQLException {
		try (rows) {
			assertThat(rows.next()).isTrue();
			return rows.getInt(1);
		}
	}

	private static long count() {
		return database.jdbc().sql("SELECT count(*) FROM photo").query(Long.class).single();
	}

	/**
	 * Refuses several statements in one text, as what stands between driver and server
	 * may.
	 */
	private static final class OneStatementAtATime extends DelegatingDataSource {

		OneStatementAtATime(DataSource targetDataSource) {
			super(targetDataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, args) -> {
						if (method.getName().equals("prepareStatement") && args[0].toString().contains(";")) {
							throw new SQLException("not several statements in one text");
						}
						return ReflectionUtils.invokeMethod(method, connection, args);
					});
		}

	}

}
