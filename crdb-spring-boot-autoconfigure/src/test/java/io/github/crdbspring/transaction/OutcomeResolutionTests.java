package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MissingOutcomeTableException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.ForgedError;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.outcome.Outcome;
import io.github.crdbspring.transaction.outcome.OutcomeSettings;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for outcomes that are found out: with the policy {@code RESOLVE} whatever happens
 * to COMMIT, the callback's work is stored once and the caller is told so.
 */
class OutcomeResolutionTests extends AccountTests {

	private static final String MARK = "the mark";

	private static final CrdbTransactionOptions RESOLVE = CrdbTransactionOptions.builder()
		.name("transfer")
		.outcome(OutcomePolicy.RESOLVE)
		.build();

	private static TransactionOutcomes outcomes;

	private static JdbcClient direct;

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	private final List<UUID> ids = new ArrayList<>();

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		HikariDataSource pool = testDatabase.pool(4);
		new ResourceDatabasePopulator(
				new ClassPathResource("schema-" + (testDatabase.isCockroach() ? "cockroachdb" : "postgresql") + ".sql",
						TransactionOutcomes.class))
			.execute(pool);
		outcomes = new TransactionOutcomes(pool, OutcomeSettings.defaults());
		direct = JdbcClient.create(pool);
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	/**
	 * Return how a mark begins, which on CockroachDB names the database, too.
	 */
	private static String mark() {
		String table = "\"public\".crdb_transaction_outcome";
		return "INSERT INTO " + (database.isCockroach()
				? '"' + direct.sql("SELECT current_database()").query(String.class).single() + "\"." + table : table);
	}

	@ParameterizedTest
	@CsvSource({ "COMMIT, CUT_BEFORE, 2", "COMMIT, CUT_AFTER, 1", MARK + ", CUT_BEFORE, 2", MARK + ", CUT_AFTER, 1",
			"COMMIT, REPLY_40003, 2", "COMMIT, REPLY_57014, 2", "COMMIT, REPLY_40001, 2", MARK + ", REPLY_40001, 2" })
	void whateverHappensToCommitTheWorkIsStoredOnce(String statement, Fault fault, int attempts) {
		String result = this.fixture.template().execute(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				this.proxy.failNext(statement.equals(MARK) ? mark() : statement, fault);
			}
			return "done by attempt " + this.fixture.attempts.size();
		});
		assertThat(result).isEqualTo("done by attempt " + attempts);
		assertThat(this.fixture.attempts).hasSize(attempts);
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(this.fixture.listener.events).endsWith("success " + attempts);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anErrorThatSaysNothingIsResolvedWhetherCommittedOrNot(boolean executed) {
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				ForgedError error = ForgedError.of("XX000");
				this.proxy.failNext("COMMIT", executed ? error.whenExecuted() : error);
			}
		});
		assertThat(this.fixture.attempts).hasSize(executed ? 1 : 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void theMarkTakesNoRoundTrip() {
		assertThat(roundTrips(RESOLVE)).isEqualTo(roundTrips(CrdbTransactionOptions.none()));
	}

	private int roundTrips(CrdbTransactionOptions options) {
		CrdbTransactionTemplate template = this.fixture.template();
		for (int i = 0; i < 7; i++) {
			// The driver prepares statements on the server after the fifth time
			template.executeWithoutResult(options, (status) -> Conflicts.add(this.fixture.jdbc, 1, 5));
		}
		this.proxy.clear();
		template.executeWithoutResult(options, (status) -> Conflicts.add(this.fixture.jdbc, 1, 5));
		return this.proxy.roundTrips();
	}

	@Test
	void callbacksSeeACommitThatHadToBeFoundOutAsOneThatSucceeded() {
		List<String> events = new ArrayList<>();
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void afterCommit() {
					events.add("committed");
				}

				@Override
				public void afterCompletion(int status) {
					events.add("status " + status);
				}
			});
		});
		assertThat(events).containsExactly("committed", "status " + TransactionSynchronization.STATUS_COMMITTED);
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	@Test
	void aFenceThatComesBeforeTheMarkMakesTheCommitFailForGood() {
		AtomicReference<Outcome> told = new AtomicReference<>();
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				attempt();
				this.proxy.holdNext(mark(), () -> told.set(outcomes.resolve(this.ids.get(0))));
			}))
			.withMessageContaining("never be committed");
		assertThat(told).hasValue(Outcome.NOT_COMMITTED);
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(outcomes.resolve(this.ids.get(0))).isEqualTo(Outcome.NOT_COMMITTED);
	}

	@Test
	void aCommitThatArrivesAfterItsFenceFails() {
		// The first attempt's COMMIT is on its way while its caller finds out already
		List<Integer> balances = new ArrayList<>();
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				this.proxy.failNext(mark(), Fault.CUT_BEFORE);
			}
			else {
				balances.add(conflictsBalance());
			}
		});
		assertThat(balances).containsExactly(100);
		assertThat(this.ids).hasSize(2).doesNotHaveDuplicates();
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> direct.sql(TransactionOutcomes.MARK).param(this.ids.get(0)).update());
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	private static int conflictsBalance() {
		return direct.sql("SELECT balance FROM account WHERE id = 2").query(Integer.class).single();
	}

	@Test
	void attemptsOfACallThatEndedForCertainShareTheId() {
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				this.proxy.failNext("COMMIT", Fault.REPLY_40001);
			}
		});
		assertThat(this.ids).hasSize(2);
		assertThat(this.ids.get(1)).isEqualTo(this.ids.get(0));
		assertThat(outcomes.resolve(this.ids.get(1))).isEqualTo(Outcome.COMMITTED);
	}

	@ParameterizedTest
	@EnumSource(names = { "CUT_BEFORE", "CUT_AFTER" })
	void whatCannotBeFoundOutInTimeIsUnknownAndCanBeFoundOutByItsIdLater(Fault fault) {
		CrdbTransactionTemplate template = this.fixture.template(RESOLVE,
				CrdbTransactionSettings.builder()
					.outcome(new OutcomeSettings(Duration.ofSeconds(2), Duration.ofDays(1)))
					.listeners(List.of(this.fixture.listener))
					.build());
		this.pool.setConnectionTimeout(1000);
		AmbiguousCommitException failure = assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				attempt();
				this.proxy.failNext("COMMIT", fault);
				// No connection can be had for finding out
				this.proxy.failNext(mark() + " (id, fenced) VALUES ($1, TRUE)", Fault.SILENCE);
			}))
			.actual();
		assertThat(failure.getTransactionId()).isEqualTo(this.ids.get(0));
		assertThat(failure.getMessage()).contains("'transfer'");
		boolean committed = fault == Fault.CUT_AFTER;
		assertThat(outcomes.resolve(this.ids.get(0))).isEqualTo(committed ? Outcome.COMMITTED : Outcome.NOT_COMMITTED);
		assertThat(conflicts.balance(1)).isEqualTo(committed ? 105 : 100);
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void theCallsOwnTimeoutBoundsFindingOutToo() {
		CrdbTransactionOptions options = RESOLVE.toBuilder().timeout(Duration.ofMillis(700)).build();
		long begin = System.nanoTime();
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				this.proxy.failNext(mark() + " (id, fenced) VALUES ($1, TRUE)", Fault.SILENCE);
			}));
		// Far from the 30 seconds that are configured
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
	}

	@Test
	void aRouterThatLeadsElsewhereByThenIsNotAsked() {
		AtomicReference<String> key = new AtomicReference<>("first");
		AbstractRoutingDataSource router = new AbstractRoutingDataSource() {
			@Override
			protected Object determineCurrentLookupKey() {
				return key.get();
			}
		};
		router.setTargetDataSources(Map.of("first", this.pool, "second", database.pool(1)));
		router.afterPropertiesSet();
		TransactionFixture routed = new TransactionFixture(new CrdbDataSource(router));
		CrdbTransactionTemplate template = routed.template(RESOLVE,
				CrdbTransactionSettings.builder()
					.outcome(new OutcomeSettings(Duration.ofSeconds(2), Duration.ofDays(1)))
					.build());
		AmbiguousCommitException failure = assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				Conflicts.add(routed.jdbc, 1, 5);
				routed.attempt();
				key.set("second");
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}))
			.actual();
		assertThat(failure).hasStackTraceContaining("leads to another database now");
		assertThat(routed.attempts).containsExactly(1);
		assertThat(outcomes.resolve(failure.getTransactionId())).isEqualTo(Outcome.COMMITTED);
	}

	@Test
	void anOutcomeThatIsUnknownWithoutAMarkHasNoId() {
		AmbiguousCommitException failure = assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				this.fixture.jdbc.sql("COMMIT").update();
			}))
			.actual();
		assertThat(failure.getTransactionId()).isNull();
	}

	@Test
	void aTimeoutOfTheSocketDuringCommitIsFoundOutAndRunAgain() {
		this.pool.addDataSourceProperty("socketTimeout", "1");
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				this.proxy.failNext(mark() + " (id, fenced) VALUES ($1, FALSE)", Fault.SILENCE);
			}
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void whatWritesNothingOrIsAPartOfAnotherTransactionLeavesNoMark() {
		CrdbTransactionTemplate template = this.fixture.template();
		template.execute(RESOLVE.toBuilder().readOnly(true).build(), (status) -> {
			assertThat(attempt()).isEqualTo(1);
			return Conflicts.read(this.fixture.jdbc, 1);
		});
		assertThat(this.ids).containsOnlyNulls();
		template.executeWithoutResult(RESOLVE, (status) -> {
		});
		template.executeWithoutResult((status) -> template.executeWithoutResult(RESOLVE, (inner) -> {
			attempt();
			Conflicts.add(this.fixture.jdbc, 1, 5);
		}));
		assertThat(this.ids).containsOnlyNulls();
		assertThat(this.proxy.statements()).noneMatch((sql) -> sql.startsWith(mark()));
	}

	@Test
	void aRolledBackTransactionLeavesNoMark() {
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			attempt();
			status.setRollbackOnly();
		});
		assertThat(outcomes.resolve(this.ids.get(0))).isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(this.proxy.statements()).noneMatch((sql) -> sql.startsWith(mark()));
	}

	@Test
	void aTransactionThatIsReadOnlyToTheServerSaysWhatToDo() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
				this.fixture.jdbc.sql("SET TRANSACTION READ ONLY").update();
				Conflicts.read(this.fixture.jdbc, 1);
			}))
			.satisfies((ex) -> assertThat(ex).rootCause().isInstanceOf(SQLException.class))
			.withStackTraceContaining("declared read-only");
	}

	@Test
	void aSearchPathOfTheTransactionsOwnHidesTheTableFromNobody() {
		direct.sql("CREATE SCHEMA IF NOT EXISTS tenant").update();
		direct
			.sql("CREATE TABLE IF NOT EXISTS tenant.crdb_transaction_outcome "
					+ "(id UUID PRIMARY KEY, fenced BOOL NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now())")
			.update();
		try {
			this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				attempt();
				this.fixture.jdbc.sql("SET search_path = tenant, public").update();
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			});
		}
		finally {
			direct.sql("DROP TABLE tenant.crdb_transaction_outcome").update();
		}
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aDatabaseOfTheTransactionsOwnHidesTheTableFromNobody() {
		assumeThat(database.isCockroach()).as("A session may change its database").isTrue();
		direct.sql("CREATE DATABASE IF NOT EXISTS tenant").update();
		direct
			.sql("CREATE TABLE IF NOT EXISTS tenant.public.crdb_transaction_outcome "
					+ "(id UUID PRIMARY KEY, fenced BOOL NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now())")
			.update();
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			attempt();
			this.fixture.jdbc.sql("SET database = tenant").update();
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		});
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aMarkThatTheServerHasLostIsPreparedAnewByTheNextAttempt() {
		this.pool.setMaximumPoolSize(1);
		for (int i = 0; i < 7; i++) {
			this.fixture.template().executeWithoutResult(RESOLVE, (status) -> Conflicts.add(this.fixture.jdbc, 1, 1));
		}
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			if (attempt() == 1) {
				new JdbcTemplate(this.fixture.dataSource).execute(OutcomeResolutionTests::loseStatements);
			}
			this.fixture.jdbc.sql("UPDATE account SET balance = balance + 3 WHERE id = 1").update();
		});
		assertThat(this.fixture.attempts).hasSize(2);
		assertThat(conflicts.balance(1)).isEqualTo(110);
	}

	/**
	 * As a pooler in between does, which gives the session's statements to somebody else.
	 */
	private static @Nullable Object loseStatements(Connection connection) throws SQLException {
		BaseConnection driver = connection.unwrap(BaseConnection.class);
		driver.setFlushCacheOnDeallocate(false);
		driver.execSQLUpdate("DEALLOCATE ALL");
		driver.setFlushCacheOnDeallocate(true);
		return null;
	}

	@ParameterizedTest
	@CsvSource({ "true, 2", "false, 1" })
	void whatMayBeRepeatedIsRunAgainAfterItWasFoundOutThoughLostConnectionsAreNotRetried(boolean idempotent,
			int attempts) {
		CrdbTransactionTemplate template = this.fixture.template(RESOLVE,
				CrdbTransactionSettings.builder().retryConnectionErrors(false).build());
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().idempotent(idempotent).build();
		ThrowingCallable call = () -> template.executeWithoutResult(options, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (attempt() == 1) {
				this.proxy.failNext(mark(), Fault.CUT_BEFORE);
			}
		});
		if (idempotent) {
			assertThatCode(call).doesNotThrowAnyException();
		}
		else {
			assertThatExceptionOfType(Exception.class).isThrownBy(call)
				.withStackTraceContaining("was found not to be committed");
		}
		assertThat(this.fixture.attempts).hasSize(attempts);
		assertThat(conflicts.balance(1)).isEqualTo(idempotent ? 105 : 100);
	}

	@ParameterizedTest
	@CsvSource({ "defaultRowFetchSize, 10", "preferQueryMode, simple", "preferQueryMode, extendedForPrepared",
			"prepareThreshold, 1", "prepareThreshold, 0", "autosave, always", "binaryTransfer, false" })
	void settingsOfTheDriverDoNotMatter(String property, String value) {
		this.pool.addDataSourceProperty(property, value);
		for (int i = 1; i <= 7; i++) {
			this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
				this.fixture.jdbc.sql("SELECT id FROM account").query(Integer.class).list();
				Conflicts.add(this.fixture.jdbc, 1, 5);
			});
			assertThat(conflicts.balance(1)).isEqualTo(100 + 5 * i);
		}
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		});
		assertThat(conflicts.balance(1)).isEqualTo(140);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@Test
	void aPoolThatIsUsedUpDoesNotKeepAnOutcomeFromBeingFoundOut() throws Exception {
		this.pool.setMaximumPoolSize(1);
		this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		});
		assertThat(this.fixture.listener.events).containsExactly("success 1");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void anInterruptionWhileItIsFoundOutLeavesItUnknownAndTheThreadInterrupted() {
		this.pool.setConnectionTimeout(5000);
		AmbiguousCommitException failure;
		try {
			failure = assertThatExceptionOfType(AmbiguousCommitException.class)
				.isThrownBy(() -> this.fixture.template().executeWithoutResult(RESOLVE, (status) -> {
					Conflicts.add(this.fixture.jdbc, 1, 5);
					attempt();
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
					this.proxy.failNext(mark() + " (id, fenced) VALUES ($1, TRUE)", Fault.CUT_BEFORE);
					Thread.currentThread().interrupt();
				}))
				.actual();
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
		assertThat(outcomes.resolve(failure.getTransactionId())).isEqualTo(Outcome.COMMITTED);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@Test
	void withoutTheTableNothingBegins() {
		TransactionFixture other = new TransactionFixture(database.dataSource());
		direct.sql("ALTER TABLE crdb_transaction_outcome RENAME TO elsewhere").update();
		try {
			assertThatExceptionOfType(MissingOutcomeTableException.class)
				.isThrownBy(() -> other.template().executeWithoutResult(RESOLVE, (status) -> other.attempt()))
				.withMessageContaining("initialize-schema");
		}
		finally {
			direct.sql("ALTER TABLE elsewhere RENAME TO crdb_transaction_outcome").update();
		}
		assertThat(other.attempts).isEmpty();
		assertThat(other.listener.events).isEmpty();
	}

	private int attempt() {
		this.ids.add(TransactionAttempt.current().orElseThrow().transactionId());
		return this.fixture.attempt();
	}

}
