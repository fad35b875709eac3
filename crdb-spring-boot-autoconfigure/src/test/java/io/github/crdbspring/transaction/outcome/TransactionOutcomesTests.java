package io.github.crdbspring.transaction.outcome;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.MissingOutcomeTableException;
import io.github.crdbspring.jdbc.ConnectionOrigin;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link TransactionOutcomes}.
 */
@DatabaseTest
class TransactionOutcomesTests {

	private static HikariDataSource pool;

	private static JdbcClient jdbc;

	private static TestDatabase database;

	private final TransactionOutcomes outcomes = new TransactionOutcomes(pool, OutcomeSettings.defaults());

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		pool = testDatabase.pool(8);
		jdbc = JdbcClient.create(pool);
		createTable(pool);
	}

	private static void createTable(DataSource dataSource) {
		new ResourceDatabasePopulator(
				new ClassPathResource("schema-" + (database.isCockroach() ? "cockroachdb" : "postgresql") + ".sql",
						TransactionOutcomes.class))
			.execute(dataSource);
	}

	@BeforeEach
	void empty() {
		jdbc.sql("DELETE FROM crdb_transaction_outcome WHERE true").update();
	}

	@Test
	void aMarkMeansCommitted() {
		UUID id = TransactionOutcomes.newId();
		jdbc.sql(TransactionOutcomes.MARK).param(id).update();
		assertThat(this.outcomes.resolve(id)).isEqualTo(Outcome.COMMITTED);
		assertThat(this.outcomes.resolve(id)).isEqualTo(Outcome.COMMITTED);
	}

	@Test
	void whoAsksInAnotherDatabaseIsToldOfTheOneWithTheMark() throws SQLException {
		assumeThat(database.isCockroach()).as("A session may change its database").isTrue();
		jdbc.sql("CREATE DATABASE IF NOT EXISTS tenant").update();
		jdbc.sql("CREATE TABLE IF NOT EXISTS tenant.public.crdb_transaction_outcome "
				+ "(id UUID PRIMARY KEY, fenced BOOL NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now())")
			.update();
		AtomicReference<String> tenant = new AtomicReference<>(
				jdbc.sql("SELECT current_database()").query(String.class).single());
		DataSource tenants = new DelegatingDataSource(database.pool(2)) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				try (Statement statement = connection.createStatement()) {
					statement.execute("SET database = " + tenant.get());
				}
				return connection;
			}

		};
		TransactionOutcomes outcomesOfTenants = new TransactionOutcomes(tenants, OutcomeSettings.defaults());
		outcomesOfTenants.requireTable();
		UUID id = TransactionOutcomes.newId();
		tenant.set("tenant");
		JdbcClient.create(tenants)
			.sql(outcomesOfTenants.mark(new ConnectionOrigin(tenants, driverUrl(tenants))))
			.param(id)
			.update();
		assertThat(outcomesOfTenants.resolve(id)).isEqualTo(Outcome.COMMITTED);
	}

	@Test
	void noMarkMeansNotCommittedForEver() {
		UUID id = UUID.randomUUID();
		assertThat(this.outcomes.resolve(id)).isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(this.outcomes.resolve(id)).isEqualTo(Outcome.NOT_COMMITTED);
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> jdbc.sql(TransactionOutcomes.MARK).param(id).update());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aFenceWaitsForTheTransactionWhoseMarkIsThere(boolean commit) throws Exception {
		UUID id = TransactionOutcomes.newId();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection connection = pool.getConnection()) {
			connection.setAutoCommit(false);
			try (PreparedStatement mark = connection.prepareStatement(TransactionOutcomes.MARK)) {
				mark.setObject(1, id);
				mark.execute();
			}
			Future<Outcome> told = thread.submit(() -> this.outcomes.resolve(id));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> told.get(500, TimeUnit.MILLISECONDS));
			if (commit) {
				connection.commit();
			}
			else {
				connection.rollback();
			}
			assertThat(told.get()).isEqualTo(commit ? Outcome.COMMITTED : Outcome.NOT_COMMITTED);
		}
		finally {
			thread.shutdownNow();
		}
	}

	@Test
	void aTransactionWhoseConnectionIsGoneIsGivenUp() throws Exception {
		UUID id = TransactionOutcomes.newId();
		Connection connection = pool.getConnection();
		connection.setAutoCommit(false);
		try (PreparedStatement mark = connection.prepareStatement(TransactionOutcomes.MARK)) {
			mark.setObject(1, id);
			mark.execute();
		}
		connection.unwrap(BaseConnection.class).abort(Runnable::run);
		assertThat(this.outcomes.resolve(id)).isEqualTo(Outcome.NOT_COMMITTED);
	}

	@Test
	void allWhoAskAtOnceAreToldTheSame() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			for (int round = 0; round < 40; round++) {
				UUID id = TransactionOutcomes.newId();
				CountDownLatch start = new CountDownLatch(1);
				List<Future<Outcome>> told = new ArrayList<>();
				for (int i = 0; i < 6; i++) {
					told.add(threads.submit(() -> {
						start.await();
						return this.outcomes.resolve(id);
					}));
				}
				Future<Boolean> marked = threads.submit(() -> {
					start.await();
					try {
						return jdbc.sql(TransactionOutcomes.MARK).param(id).update() == 1;
					}
					catch (DataAccessException ex) {
						return false;
					}
				});
				start.countDown();
				Outcome expected = marked.get() ? Outcome.COMMITTED : Outcome.NOT_COMMITTED;
				for (Future<Outcome> outcome : told) {
					assertThat(outcome.get()).isEqualTo(expected);
				}
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void idsAreRandomAndTellWhenTheyWereMade() {
		Instant now = Instant.parse("2026-11-30T17:00:00Z");
		Set<UUID> ids = Stream.generate(() -> TransactionIds.next(now)).limit(1000).collect(Collectors.toSet());
		assertThat(ids).hasSize(1000).allSatisfy((id) -> assertThat(TransactionIds.timeOf(id)).isEqualTo(now));
		assertThat(ids.stream().map((id) -> id.getMostSignificantBits() >>> 52).distinct().count()).isGreaterThan(500);
		assertThat(TransactionIds.timeOf(UUID.randomUUID())).isNull();
	}

	@Test
	void anIdWhoseMarkMayBeDeletedAlreadyIsRefused() {
		UUID old = TransactionIds.next(Instant.now().minus(Duration.ofHours(23)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.outcomes.resolve(old))
			.withMessageContaining(old.toString())
			.withMessageContaining("PT24H");
		TransactionOutcomes keeping = new TransactionOutcomes(pool,
				new OutcomeSettings(Duration.ofSeconds(5), Duration.ZERO));
		assertThat(keeping.resolve(old)).isEqualTo(Outcome.NOT_COMMITTED);
	}

	@Test
	void oldRowsAreDeletedInBatchesByOneInstanceAtATime() throws Exception {
		OutcomeCleanup cleanup = new OutcomeCleanup(OutcomeTable.NAME, Duration.ofHours(1), Duration.ZERO);
		OutcomeTable table = new OutcomeTable(pool, null, OutcomeTable.NAME);
		UUID recent = UUID.randomUUID();
		jdbc.sql(TransactionOutcomes.MARK).param(new UUID(0, 0)).update();
		jdbc.sql("""
				INSERT INTO crdb_transaction_outcome (id, fenced, created_at)
				SELECT gen_random_uuid(), i % 2 = 0, now() - INTERVAL '2 hours' FROM generate_series(1, 1200) AS g (i)
				""").update();
		jdbc.sql(TransactionOutcomes.MARK).param(recent).update();
		awaitSeenInThePast(jdbc, recent);
		assertThat(cleanup.cleanUp(table)).as("not the time yet").isZero();
		jdbc.sql("UPDATE crdb_transaction_outcome SET created_at = now() - INTERVAL '3 minutes' WHERE id = ?")
			.param(new UUID(0, 0))
			.update();
		assertThat(cleanup.cleanUp(table)).isEqualTo(1200);
		assertThat(cleanup.cleanUp(table)).isZero();
		assertThat(jdbc.sql("SELECT id FROM crdb_transaction_outcome").query(UUID.class).list())
			.containsExactlyInAnyOrder(new UUID(0, 0), recent);
	}

	@Test
	void oldRowsAreDeletedInEachDatabaseThatARouterLeadsTo() throws Exception {
		jdbc.sql("CREATE DATABASE other_outcomes").update();
		try (HikariDataSource other = database.pool(2)) {
			String url = pool.getJdbcUrl();
			other.setJdbcUrl(url.replaceFirst("/[^/?]+([?]|$)", "/other_outcomes$1"));
			createTable(other);
			TransactionOutcomes routed = new TransactionOutcomes(pool, OutcomeSettings.defaults(), Duration.ZERO);
			for (HikariDataSource target : List.of(pool, other)) {
				UUID old = UUID.randomUUID();
				JdbcClient client = JdbcClient.create(target);
				client.sql("""
						INSERT INTO crdb_transaction_outcome (id, fenced, created_at)
						VALUES (?, FALSE, now() - INTERVAL '2 days')
						""").param(old).update();
				awaitSeenInThePast(client, old);
				routed.mark(new ConnectionOrigin(target, driverUrl(target)));
				Awaitility.await()
					.untilAsserted(() -> assertThat(client.sql(
							"SELECT count(*) FROM crdb_transaction_outcome WHERE created_at < now() - INTERVAL '1 day'")
						.query(Long.class)
						.single()).isZero());
			}
		}
		finally {
			jdbc.sql("DROP DATABASE other_outcomes").update();
		}
	}

	/**
	 * On CockroachDB old rows are looked for a little in the past.
	 */
	private static void awaitSeenInThePast(JdbcClient client, UUID id) {
		if (database.isCockroach()) {
			Awaitility.await()
				.ignoreExceptions()
				.until(() -> client
					.sql("SELECT count(*) FROM crdb_transaction_outcome AS OF SYSTEM TIME '-5s' WHERE id = ?")
					.param(id)
					.query(Integer.class)
					.single() == 1);
		}
	}

	private static String driverUrl(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return connection.getMetaData().getURL();
		}
	}

	@Test
	void aDatabaseThatCannotBeAskedIsAFailureInTime() throws Exception {
		try (HikariDataSource closed = new HikariDataSource()) {
			closed.setJdbcUrl("jdbc:postgresql://localhost:1/none");
			closed.setConnectionTimeout(250);
			closed.setInitializationFailTimeout(-1);
			TransactionOutcomes unreachable = new TransactionOutcomes(closed,
					new OutcomeSettings(Duration.ofMillis(400), Duration.ofDays(1)));
			UUID id = UUID.randomUUID();
			assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> unreachable.resolve(id))
				.withMessageContaining(id.toString());
			// Not a reason to refuse transactions
			unreachable.requireTable();
		}
	}

	@Test
	void aMissingTableIsSaid() {
		jdbc.sql("ALTER TABLE crdb_transaction_outcome RENAME TO elsewhere").update();
		try {
			assertThatExceptionOfType(MissingOutcomeTableException.class).isThrownBy(this.outcomes::requireTable);
			assertThatExceptionOfType(MissingOutcomeTableException.class)
				.isThrownBy(() -> this.outcomes.resolve(UUID.randomUUID()));
		}
		finally {
			jdbc.sql("ALTER TABLE elsewhere RENAME TO crdb_transaction_outcome").update();
		}
		this.outcomes.requireTable();
	}

	@Test
	void settingsThatMakeNoSenseAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new OutcomeSettings(Duration.ZERO, Duration.ofDays(1)))
			.withMessage("'resolveTimeout' must be positive, but is PT0S");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new OutcomeSettings(Duration.ofSeconds(1), Duration.ofSeconds(1)))
			.withMessageContaining("'retention' must be at least 10 minutes");
	}

}
