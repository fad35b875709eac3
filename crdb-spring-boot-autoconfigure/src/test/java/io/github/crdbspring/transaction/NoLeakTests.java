package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a transaction's options do not reach the next borrower of its connection,
 * however the transaction ended.
 */
@DatabaseTest
class NoLeakTests {

	private static TestDatabase database;

	private static DataSource pool;

	@BeforeAll
	static void createPool(TestDatabase testDatabase) {
		database = testDatabase;
		pool = testDatabase.pool(1);
		JdbcClient.create(pool).sql("CREATE TABLE note (id INT)").update();
	}

	static Stream<Arguments> transactions() {
		CrdbTransactionOptions readOnly = CrdbTransactionOptions.builder()
			.isolation(Isolation.REPEATABLE_READ)
			.timeout(Duration.ofMinutes(1))
			.maxAttempts(2)
			.readOnly(true)
			.build();
		CrdbTransactionOptions cockroach = readOnly.toBuilder().priority(TransactionPriority.HIGH).build();
		return (database.isCockroach()
				? Stream.of(cockroach, cockroach.toBuilder().systemTime(SystemTime.parse("-1us")).build(),
						cockroach.toBuilder().readOnly(false).retryPriority(TransactionPriority.LOW).build())
				: Stream.of(readOnly, readOnly.toBuilder().readOnly(false).build()))
			.flatMap((options) -> Stream.of(Ending.values()).map((ending) -> Arguments.of(options, ending)));
	}

	@ParameterizedTest
	@MethodSource("transactions")
	void theNextBorrowerFindsAConnectionOfThePoolAsItWas(CrdbTransactionOptions options, Ending ending)
			throws SQLException {
		verifyNothingLeaks(new CrdbDataSource(pool), options, ending);
	}

	@ParameterizedTest
	@MethodSource("transactions")
	void aConnectionThatNoPoolCleansUpIsLeftAsItWas(CrdbTransactionOptions options, Ending ending) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			verifyNothingLeaks(new CrdbDataSource(new SingleConnectionDataSource(connection, true)), options, ending);
		}
	}

	private static void verifyNothingLeaks(CrdbDataSource dataSource, CrdbTransactionOptions options, Ending ending)
			throws SQLException {
		Session before = Session.of(dataSource);
		CrdbTransactionTemplate template = template(dataSource, ending);
		ending.run(template, options, JdbcClient.create(dataSource));
		assertThat(Thread.interrupted()).isEqualTo(ending == Ending.INTERRUPTION);
		Session after = Session.of(dataSource);
		assertThat(after).isEqualTo(before);
		assertThat(after.autoCommit()).isTrue();
		assertThat(after.state()).isEqualTo(TransactionState.IDLE);
		assertThat(after.variables()).containsEntry("transaction_isolation", "serializable")
			.containsEntry("transaction_read_only", "off")
			.doesNotContainEntry("transaction_priority", "high");
		assertThat(JdbcClient.create(dataSource).sql("INSERT INTO note VALUES (1)").update()).isOne();
	}

	@Test
	void aLeakWouldBeSeen() throws SQLException {
		try (Connection connection = pool.getConnection()) {
			CrdbDataSource dataSource = new CrdbDataSource(new SingleConnectionDataSource(connection, true));
			Session before = Session.of(dataSource);
			template(dataSource, Ending.SUCCESS).executeWithoutResult(
					(status) -> JdbcClient.create(dataSource).sql("SET default_transaction_read_only = on").update());
			assertThat(Session.of(dataSource)).isNotEqualTo(before);
			JdbcClient.create(dataSource).sql("SET default_transaction_read_only = off").update();
			assertThat(Session.of(dataSource)).isEqualTo(before);
		}
	}

	private static CrdbTransactionTemplate template(CrdbDataSource dataSource, Ending ending) {
		CrdbTransactionSettings settings = CrdbTransactionSettings.defaults();
		return new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource), dataSource,
				CrdbTransactionOptions.none(), settings, new Backoff(settings.backoff(), () -> 0, (pause) -> {
					if (ending == Ending.INTERRUPTION) {
						throw new InterruptedException();
					}
				}));
	}

	/**
	 * Make sure that there is something that could leak.
	 */
	private static void verifyInEffect(CrdbTransactionOptions options, JdbcClient jdbc) {
		assertThat(show(jdbc, "transaction_read_only")).isEqualTo(options.readOnly() ? "on" : "off");
		if (database.isCockroach()) {
			boolean low = options.retryPriority() == TransactionPriority.LOW
					&& TransactionAttempt.current().orElseThrow().number() > 1;
			assertThat(show(jdbc, "transaction_priority")).isEqualTo(low ? "low" : "high");
		}
		else {
			assertThat(show(jdbc, "transaction_isolation")).isEqualTo("repeatable read");
		}
	}

	private static String show(JdbcClient jdbc, String variable) {
		return jdbc.sql("SHOW " + variable).query(String.class).single();
	}

	/**
	 * How a transaction ends.
	 */
	enum Ending {

		SUCCESS, FAILURE, EXHAUSTION, SWALLOWED_ERROR, INTERRUPTION;

		void run(CrdbTransactionTemplate template, CrdbTransactionOptions options, JdbcClient jdbc) {
			Runnable transaction = () -> template.executeWithoutResult(options, (status) -> {
				verifyInEffect(options, jdbc);
				end(jdbc);
			});
			switch (this) {
				case SUCCESS -> transaction.run();
				case FAILURE ->
					assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(transaction::run);
				case EXHAUSTION ->
					assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(transaction::run);
				case SWALLOWED_ERROR ->
					assertThatExceptionOfType(SilentRollbackException.class).isThrownBy(transaction::run);
				case INTERRUPTION ->
					assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(transaction::run);
			}
		}

		private void end(JdbcClient jdbc) {
			switch (this) {
				case SUCCESS -> {
				}
				case FAILURE -> throw new UnsupportedOperationException();
				case EXHAUSTION, INTERRUPTION ->
					throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
				case SWALLOWED_ERROR -> assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> jdbc.sql("SELECT 1 / (1 - 1)").query().singleValue());
			}
		}

	}

	/**
	 * What a borrower finds.
	 */
	private record Session(BaseConnection physical, TransactionState state, boolean autoCommit, boolean readOnly,
			int isolation, int networkTimeout, int queryTimeout, Map<String, String> variables) {

		static Session of(DataSource dataSource) throws SQLException {
			try (Connection connection = dataSource.getConnection();
					Statement statement = connection.createStatement()) {
				BaseConnection physical = connection.unwrap(BaseConnection.class);
				TransactionState state = physical.getTransactionState();
				Map<String, String> variables = new TreeMap<>();
				try (ResultSet all = statement.executeQuery("SHOW ALL")) {
					while (all.next()) {
						variables.put(all.getString(1), all.getString(2));
					}
				}
				return new Session(physical, state, connection.getAutoCommit(), connection.isReadOnly(),
						connection.getTransactionIsolation(), connection.getNetworkTimeout(),
						statement.getQueryTimeout(), variables);
			}
		}

	}

}
