package io.github.crdbspring.transaction;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.InterceptedDataSource;
import io.github.crdbspring.test.InterceptedDataSource.Call;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.TransactionFixture.RecordingObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.StatementCallback;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for transactions that a statement ends, and not the transaction manager: what was
 * done before is committed or lost already, whatever comes after it.
 */
class EndedElsewhereTests extends AccountTests {

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(
			new CrdbDataSource(new InterceptedDataSource(this.pool, this::intercept)));

	private final JdbcTemplate jdbcTemplate = new JdbcTemplate(this.fixture.dataSource);

	private final RecordingObserver observer = new RecordingObserver();

	private Error driverFault;

	/**
	 * Throw what is no SQLException, as the driver before 42.7.13 does when a connection
	 * is lost in a batch.
	 */
	private Object intercept(Call call) throws Throwable {
		try {
			return commitInsideOf(call);
		}
		catch (SQLException ex) {
			throw (this.driverFault != null) ? this.driverFault : ex;
		}
	}

	/**
	 * Have the server commit for statements that name no COMMIT, as CockroachDB does from
	 * 25.1 on before a change of the schema, and as procedures do.
	 */
	private static Object commitInsideOf(Call call) throws Throwable {
		if (call.isSql("CREATE TABLE")) {
			return call.withSql("COMMIT; " + call.args()[0]).proceed();
		}
		return (call.isSql("CALL ") ? call.withSql("COMMIT") : call).proceed();
	}

	@AfterEach
	void verifyNothingIsLeft() throws Exception {
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		this.proxy.close();
		database.jdbc().sql("DROP TABLE IF EXISTS made").update();
	}

	static Stream<Arguments> commits() {
		return Stream.of(commit("a statement", (jdbc) -> jdbc.execute("COMMIT")),
				commit("a statement in small letters", (jdbc) -> jdbc.execute(" commit ")),
				commit("a statement after a comment", (jdbc) -> jdbc.execute("/* done */ COMMIT")),
				commit("another word", (jdbc) -> jdbc.execute("END")),
				commit("a prepared statement", (jdbc) -> jdbc.update("COMMIT")),
				commit("the middle of several statements",
						(jdbc) -> jdbc.execute("SELECT 1; COMMIT; SELECT balance FROM account")),
				commit("a statement before the next BEGIN", (jdbc) -> jdbc.execute("COMMIT; BEGIN")),
				commit("a statement that begins the next transaction",
						(jdbc) -> jdbc.execute(database.isCockroach() ? "COMMIT" : "COMMIT AND CHAIN")),
				commit("a batch", (jdbc) -> jdbc.batchUpdate("COMMIT")),
				commit("a script", EndedElsewhereTests::script),
				commit("a change of the schema", (jdbc) -> jdbc.execute("CREATE TABLE made (id INT PRIMARY KEY)")),
				commit("a prepared change of the schema",
						(jdbc) -> jdbc.update("CREATE TABLE made (id INT PRIMARY KEY)")),
				commit("a procedure", (jdbc) -> jdbc.execute("CALL settle()")),
				commit("the connection's own method", EndedElsewhereTests::commitByHand));
	}

	private static Arguments commit(String name, Consumer<JdbcTemplate> commit) {
		return Arguments.argumentSet(name, commit);
	}

	private static void script(JdbcTemplate jdbc) {
		jdbc.execute((ConnectionCallback<Object>) (connection) -> {
			ScriptUtils.executeSqlScript(connection, new ByteArrayResource("SELECT 1;\nCOMMIT;".getBytes()));
			return null;
		});
	}

	private static void commitByHand(JdbcTemplate jdbc) {
		jdbc.execute((ConnectionCallback<Object>) (connection) -> {
			connection.commit();
			return null;
		});
	}

	@Test
	void whatFollowsARollbackByHandIsNotCommittedAndNotRunAgain() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.read(this.fixture.jdbc, 1);
				conflicts.lostUpdate(1);
				assertThatExceptionOfType(CannotAcquireLockException.class)
					.isThrownBy(() -> Conflicts.add(this.fixture.jdbc, 1, 5));
				this.jdbcTemplate.execute((ConnectionCallback<Object>) (connection) -> {
					connection.rollback();
					return null;
				});
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(1100);
	}

	@Test
	void aFailedTransactionIsNotCommittedByHand() {
		assertThatExceptionOfType(CannotAcquireLockException.class)
			.isThrownBy(() -> this.fixture.template(CrdbTransactionOptions.builder().maxAttempts(1).build(), true)
				.executeWithoutResult((status) -> {
					Conflicts.read(this.fixture.jdbc, 1);
					conflicts.lostUpdate(1);
					assertThatExceptionOfType(CannotAcquireLockException.class)
						.isThrownBy(() -> Conflicts.add(this.fixture.jdbc, 1, 5));
					commitByHand(this.jdbcTemplate);
				}));
		assertThat(conflicts.balance(1)).isEqualTo(1100);
	}

	@ParameterizedTest
	@MethodSource("commits")
	void aConflictAfterACommitIsNotRetriedAndSaysThatTheOutcomeIsUnknown(Consumer<JdbcTemplate> commit) {
		CannotAcquireLockException conflict = new CannotAcquireLockException("conflict",
				new SQLException("restart transaction", "40001"));
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> commitAndThrow(commit, conflict))
			.satisfies((ex) -> assertThat(ex).hasStackTraceContaining("restart transaction"));
		verifyUnknown();
	}

	@ParameterizedTest
	@MethodSource("commits")
	void anExceptionOfTheUsersAfterACommitArrivesWithTheUnknownOutcome(Consumer<JdbcTemplate> commit) {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> commitAndThrow(commit, failure))
			.isSameAs(failure)
			.satisfies(
					(ex) -> assertThat(ex.getSuppressed()).hasAtLeastOneElementOfType(AmbiguousCommitException.class));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@ParameterizedTest
	@MethodSource("commits")
	void theNormalEndAfterACommitIsNormal(Consumer<JdbcTemplate> commit) {
		assertThatNoException().isThrownBy(() -> commitAndThrow(commit, null));
		assertThat(this.fixture.listener.events).containsExactly("success 1");
		assertThat(this.observer.ends).containsExactly("COMMITTED 1");
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(conflicts.balance(2)).isEqualTo(107);
	}

	@ParameterizedTest
	@MethodSource("commits")
	void aConnectionLostAfterACommitIsNotReplaced(Consumer<JdbcTemplate> commit) {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> commitAndThrow((jdbc) -> {
			commit.accept(jdbc);
			this.proxy.failNext("UPDATE", Fault.CUT_BEFORE);
		}, null));
		verifyUnknown();
	}

	@Test
	void aConnectionLostInABatchThatCommitsIsNotReplaced() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				this.jdbcTemplate.batchUpdate("COMMIT", "UPDATE account SET balance = balance + 0 WHERE id = 2");
			}));
		verifyUnknown();
	}

	static Stream<Arguments> commitsOfEachKind() {
		return Stream.of(commit("a statement", (jdbc) -> jdbc.execute("COMMIT")),
				commit("a batch", (jdbc) -> jdbc.batchUpdate("COMMIT", "SELECT 1")),
				commit("the connection's own method", EndedElsewhereTests::commitByHand));
	}

	@ParameterizedTest
	@MethodSource("commitsOfEachKind")
	void whateverIsThrownWhenACommitIsLostTheOutcomeIsUnknown(Consumer<JdbcTemplate> commit) {
		this.driverFault = new AssertionError("should not throw");
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				commit.accept(this.jdbcTemplate);
			}));
		this.driverFault = null;
		verifyUnknown();
	}

	@Test
	void aConnectionOnWhichTheDriverFailedIsNotUsedAgain() {
		List<BaseConnection> used = new ArrayList<>();
		this.driverFault = new StackOverflowError();
		assertThatExceptionOfType(StackOverflowError.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				used.add(this.jdbcTemplate.execute(
						(ConnectionCallback<BaseConnection>) (connection) -> connection.unwrap(BaseConnection.class)));
				this.jdbcTemplate.execute("SELECT nothing");
			}));
		this.driverFault = null;
		assertThat(used).singleElement().matches((connection) -> isClosed(connection));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.observer.ends).containsExactly("ROLLED_BACK 1");
	}

	@ParameterizedTest
	@CsvSource({ "true, true, 105", "true, false, 105", "false, true, 100", "false, false, 100" })
	void whatTheDriversOwnConnectionEndedIsUnknown(boolean commit, boolean returns, int balance) {
		CannotAcquireLockException conflict = new CannotAcquireLockException("conflict",
				new SQLException("restart transaction", "40001"));
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.jdbcTemplate.execute((ConnectionCallback<Object>) (connection) -> {
					BaseConnection driver = connection.unwrap(BaseConnection.class);
					if (commit) {
						driver.commit();
					}
					else {
						driver.rollback();
					}
					return null;
				});
				if (!returns) {
					throw conflict;
				}
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.observer.ends).containsExactly("AMBIGUOUS 1");
		assertThat(conflicts.balance(1)).isEqualTo(balance);
	}

	@Test
	void aConflictAtTheEndAfterACommitIsNotRetried() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.jdbcTemplate.execute("COMMIT");
				Conflicts.read(this.fixture.jdbc, 2);
				conflicts.lostUpdate(2);
				Conflicts.add(this.fixture.jdbc, 2, 7);
			}));
		verifyUnknown();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ROLLBACK", "rollback", "ABORT" })
	void theNormalEndAfterARollbackIsAnUnexpectedRollback(String rollback) {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.jdbcTemplate.execute(rollback);
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).singleElement().asString().startsWith("failure 1");
		assertThat(this.observer.ends).containsExactly("ROLLED_BACK 1");
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aCommitOfAFailedTransactionIsAnErrorOfThatStatement() {
		assertThatException().isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
			swallowADuplicate();
			this.jdbcTemplate.execute("COMMIT");
		})).withStackTraceContaining("duplicate key");
		verifyRolledBack();
	}

	@Test
	void aCommitOfAFailedTransactionIsNoSuccessIfItsErrorIsSwallowed() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				swallowADuplicate();
				assertThatExceptionOfType(DuplicateKeyException.class)
					.isThrownBy(() -> this.jdbcTemplate.execute("COMMIT"))
					.withCauseInstanceOf(FailedTransactionCommitException.class);
			}));
		verifyRolledBack();
	}

	private void swallowADuplicate() {
		this.fixture.attempt();
		Conflicts.add(this.fixture.jdbc, 1, 5);
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> this.jdbcTemplate.execute("INSERT INTO account VALUES (1, 0)"));
	}

	private void verifyRolledBack() {
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).singleElement().asString().startsWith("failure 1");
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void plainSpringGoesOnUndisturbed() {
		TransactionTemplate plain = new TransactionTemplate(this.fixture.transactionManager);
		plain.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.jdbcTemplate.execute("COMMIT");
		});
		plain.executeWithoutResult((status) -> {
			this.jdbcTemplate.execute("COMMIT");
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(conflicts.balance(1)).isEqualTo(110);
	}

	static Stream<Arguments> savepoints() {
		return Stream
			.of("SAVEPOINT cockroach_restart", "savepoint COCKROACH_RESTART",
					"/* again */ SAVEPOINT  \"cockroach_restart\"", "SAVEPOINT cockroach_restart_2")
			.flatMap((sql) -> Stream.of(savepoint(sql, (statement) -> statement.execute(sql)),
					savepoint(sql + " prepared", (statement) -> {
						try (PreparedStatement prepared = statement.getConnection().prepareStatement(sql)) {
							prepared.execute();
						}
					}), savepoint(sql + " in a batch", (statement) -> {
						statement.addBatch(sql);
						statement.executeBatch();
					}),
					savepoint(sql + " after another statement", (statement) -> statement.execute("SELECT 1; " + sql))));
	}

	private static Arguments savepoint(String name, SavepointSetter savepoint) {
		return Arguments.argumentSet(name, savepoint);
	}

	@ParameterizedTest
	@MethodSource("savepoints")
	void theSavepointWhoseReleaseIsACommitIsRefusedAsAText(SavepointSetter savepoint) {
		verifyRefused(savepoint);
	}

	@ParameterizedTest
	@ValueSource(strings = { "cockroach_restart", "cockroach_restart_2" })
	void theSavepointWhoseReleaseIsACommitIsRefused(String name) {
		verifyRefused((statement) -> statement.getConnection().setSavepoint(name));
	}

	@Test
	void otherSavepointsAreNot() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.jdbcTemplate.execute("SAVEPOINT cockroach");
			Conflicts.add(this.fixture.jdbc, 1, 7);
			this.jdbcTemplate.execute("ROLLBACK TO SAVEPOINT cockroach");
			this.jdbcTemplate.execute("RELEASE SAVEPOINT cockroach");
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	private void commitAndThrow(Consumer<JdbcTemplate> commit, RuntimeException failure) {
		this.fixture.template(this.observer).executeWithoutResult((status) -> {
			this.fixture.attempt();
			Conflicts.add(this.fixture.jdbc, 1, 5);
			commit.accept(this.jdbcTemplate);
			Conflicts.add(this.fixture.jdbc, 2, 7);
			if (failure != null) {
				throw failure;
			}
		});
	}

	private static boolean isClosed(BaseConnection connection) {
		try {
			return connection.isClosed();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void verifyUnknown() {
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 AmbiguousCommitException");
		assertThat(this.observer.ends).containsExactly("AMBIGUOUS 1");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	private void verifyRefused(SavepointSetter savepoint) {
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				this.jdbcTemplate.execute((StatementCallback<Object>) (statement) -> {
					savepoint.set(statement);
					return null;
				});
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}))
			.havingCause()
			.isInstanceOf(SQLFeatureNotSupportedException.class)
			.withMessageContaining("cockroach_restart");
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	/**
	 * Sets a savepoint.
	 */
	@FunctionalInterface
	private interface SavepointSetter {

		void set(Statement statement) throws SQLException;

	}

}
