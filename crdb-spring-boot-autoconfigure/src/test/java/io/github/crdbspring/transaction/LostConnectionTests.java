package io.github.crdbspring.transaction;

import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for connections that are lost before COMMIT: what counts is whether the
 * transaction's own is gone, not what an exception says.
 */
class LostConnectionTests extends AccountTests {

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	private final WireProxy otherProxy = database.proxy();

	private final JdbcClient other = JdbcClient.create(database.pool(1, this.otherProxy));

	@BeforeAll
	static void createTable() {
		database.jdbc().sql("CREATE TABLE audit (id INT PRIMARY KEY)").update();
	}

	@BeforeEach
	void deleteAudit() {
		database.jdbc().sql("DELETE FROM audit").update();
	}

	@AfterEach
	void closeProxies() throws Exception {
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		this.proxy.close();
		this.otherProxy.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "CUT_BEFORE", "CUT_AFTER" })
	void anotherDatabasesConnectionIsNotTheTransactions(Fault fault) {
		assertThatExceptionOfType(DataAccessResourceFailureException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				insertIntoTheOther(fault);
			}));
		verifyRolledBackAfterOneAttempt((fault == Fault.CUT_AFTER) ? 1 : 0);
	}

	@ParameterizedTest
	@MethodSource("transactionsThatMayBeRepeated")
	void anotherDatabasesConnectionIsNotTheTransactionsIfThatMayBeRepeatedEither(CrdbTransactionOptions options) {
		assertThatExceptionOfType(DataAccessResourceFailureException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				Conflicts.read(this.fixture.jdbc, 1);
				insertIntoTheOther(Fault.CUT_AFTER);
			}));
		verifyRolledBackAfterOneAttempt(1);
	}

	static Stream<CrdbTransactionOptions> transactionsThatMayBeRepeated() {
		return Stream.of(CrdbTransactionOptions.builder().idempotent(true).build(),
				CrdbTransactionOptions.builder().readOnly(true).build());
	}

	@Test
	void anotherDatabasesConnectionIsNotTheTransactionsInACallbackBeforeTheCommitEither() {
		assertThatExceptionOfType(DataAccessResourceFailureException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
					@Override
					public void beforeCommit(boolean readOnly) {
						insertIntoTheOther(Fault.CUT_AFTER);
					}
				});
			}));
		verifyRolledBackAfterOneAttempt(1);
	}

	@Test
	void theTransactionsOwnIsNoticedAfterItsErrorWasSwallowedAndAnotherStatementFailed() {
		this.fixture.template().executeWithoutResult((status) -> {
			boolean first = this.fixture.attempt() == 1;
			if (first) {
				loseOwnConnection();
			}
			// The pool says that the connection is closed, without a SQLSTATE
			Conflicts.add(this.fixture.jdbc, 1, 5);
			assertThat(first).isFalse();
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "success 2");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void theTransactionsOwnIsNoticedWhateverIsThrownInPlaceOfItsError() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.fixture.attempt() == 1) {
				loseOwnConnection();
				throw new IllegalStateException("no such account");
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void theTransactionsOwnIsNotRetriedIfSwitchedOffAndWhatWasThrownArrivesAsItIs() {
		IllegalStateException failure = new IllegalStateException("no such account");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(
				() -> this.fixture.template(CrdbTransactionOptions.none(), false).executeWithoutResult((status) -> {
					this.fixture.attempt();
					loseOwnConnection();
					throw failure;
				}))
			.isSameAs(failure);
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	private void insertIntoTheOther(Fault fault) {
		int attempt = this.fixture.attempt();
		this.otherProxy.failNext("INSERT", fault);
		this.other.sql("INSERT INTO audit VALUES (?)").param(attempt).update();
	}

	private void loseOwnConnection() {
		this.proxy.failNext("DELETE", Fault.CUT_BEFORE);
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> this.fixture.jdbc.sql("DELETE FROM audit").update());
	}

	private void verifyRolledBackAfterOneAttempt(int audited) {
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 DataAccessResourceFailureException");
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(database.jdbc().sql("SELECT count(*) FROM audit").query(Integer.class).single()).isEqualTo(audited);
	}

}
