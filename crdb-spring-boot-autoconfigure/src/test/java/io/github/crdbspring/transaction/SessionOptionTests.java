package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.RequiresCockroach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the options that are session variables of a transaction.
 */
class SessionOptionTests extends AbstractWireTests {

	private static final CrdbTransactionOptions SHORT_WAIT = CrdbTransactionOptions.builder()
		.name("report")
		.lockTimeout(Duration.ofMillis(200))
		.build();

	private static final CrdbTransactionOptions BACKGROUND = CrdbTransactionOptions.builder()
		.name("report")
		.qualityOfService(QualityOfService.BACKGROUND)
		.build();

	@Test
	void aLockIsWaitedForNoLongerAndThatIsNotRetried() throws SQLException {
		assumeLockTimeout();
		try (Connection other = database.pool(1).getConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			statement.execute("UPDATE account SET balance = balance + 1 WHERE id = 1");
			long start = System.nanoTime();
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> this.fixture.template().executeWithoutResult(SHORT_WAIT, (status) -> {
					this.fixture.attempt();
					Conflicts.add(this.fixture.jdbc, 1, 1);
				}))
				.withRootCauseInstanceOf(SQLException.class)
				.havingRootCause()
				.satisfies((ex) -> assertThat(((SQLException) ex).getSQLState()).isEqualTo("55P03"));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(150));
			other.rollback();
		}
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void itEndsWithTheTransactionWhateverBecomesOfIt() {
		assumeLockTimeout();
		String before = lockTimeout();
		assertThat(this.fixture.template().<String>execute(SHORT_WAIT, (status) -> lockTimeout())).startsWith("200");
		assertThat(lockTimeout()).isEqualTo(before);
		this.fixture.template().executeWithoutResult(SHORT_WAIT, TransactionStatus::setRollbackOnly);
		assertThat(lockTimeout()).isEqualTo(before);
	}

	@Test
	void itTravelsWithTheOtherOptions() {
		assumeLockTimeout();
		CrdbTransactionOptions options = SHORT_WAIT.toBuilder().isolation(Isolation.SERIALIZABLE).build();
		this.fixture.template().executeWithoutResult(options, (status) -> Conflicts.read(this.fixture.jdbc, 1));
		assertThat(this.proxy.statements()).map(String::strip)
			.containsExactly("BEGIN", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
					"SET LOCAL lock_timeout = '200ms'", "SELECT balance FROM account WHERE id = $1", "COMMIT");
	}

	@Test
	void eachAttemptHasIt() {
		assumeLockTimeout();
		List<String> seen = this.fixture.template().execute(SHORT_WAIT, (status) -> {
			String timeout = lockTimeout();
			if (this.fixture.attempt() == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
			return List.of(timeout);
		});
		assertThat(seen).allMatch((timeout) -> timeout.startsWith("200"));
		assertThat(this.fixture.attempts).containsExactly(1, 2);
	}

	/**
	 * Which is why a session variable of the pool is the better place for what does not
	 * change.
	 */
	@Test
	@RequiresCockroach("21.2")
	void theServerDoesNotRetryTheFirstStatementByItself() {
		ForceRetry.assumeAllowed(database);
		this.fixture.template().executeWithoutResult(SHORT_WAIT, (status) -> {
			if (this.fixture.attempt() == 1) {
				ForceRetry.until(this.fixture.jdbc, "1h");
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
	}

	@Test
	void aVersionWithoutItIsToldOfBeforeAnythingIsSent() {
		assumeThat(database.serverInfo().supports(ServerFeature.LOCK_TIMEOUT)).isFalse();
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(SHORT_WAIT, (status) -> {
			}))
			.withMessageContaining("'report'")
			.withMessageContaining("a lock timeout of PT0.2S")
			.withMessageContaining("it needs CockroachDB 21.2");
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(BACKGROUND, (status) -> {
			}))
			.withMessageContaining("it needs CockroachDB 22.1");
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	@RequiresCockroach("22.1")
	void qualityOfServiceIsSet() {
		assumeThat(this.fixture.jdbc
			.sql("SELECT count(*) FROM [SHOW ALL] WHERE variable = 'default_transaction_quality_of_service'")
			.query(Integer.class)
			.single()).as("This pre-release does not have it yet").isOne();
		assertThat(this.fixture.template()
			.<String>execute(BACKGROUND,
					(status) -> this.fixture.jdbc.sql("SHOW default_transaction_quality_of_service")
						.query(String.class)
						.single()))
			.isEqualTo("background");
	}

	@Test
	void whatJoinsCannotChangeIt() {
		assumeLockTimeout();
		CrdbTransactionOptions other = CrdbTransactionOptions.builder().lockTimeout(Duration.ofSeconds(1)).build();
		CrdbTransactionTemplate template = this.fixture.template();
		template.executeWithoutResult(SHORT_WAIT, (status) -> {
			template.executeWithoutResult((inner) -> {
			});
			template.executeWithoutResult(SHORT_WAIT, (inner) -> {
			});
		});
		assertThatExceptionOfType(NestedTransactionRejectedException.class).isThrownBy(() -> template
			.executeWithoutResult(SHORT_WAIT, (status) -> template.executeWithoutResult(other, (inner) -> {
			}))).withMessageContaining("its lock timeout is PT1S").withMessageContaining("has lock timeout PT0.2S");
	}

	private void assumeLockTimeout() {
		assumeThat(database.serverInfo().supports(ServerFeature.LOCK_TIMEOUT))
			.as("Needs CockroachDB 21.2 or PostgreSQL")
			.isTrue();
	}

	private String lockTimeout() {
		return this.fixture.jdbc.sql("SHOW lock_timeout").query(String.class).single();
	}

}
