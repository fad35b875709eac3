package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the timeout that bounds all attempts and the pauses between them.
 */
@ExtendWith(OutputCaptureExtension.class)
class TimeoutTests extends AccountTests {

	private static final Duration SHORT = Duration.ofMillis(40);

	private final WireProxy proxy = database.proxy();

	private final CrdbDataSource dataSource = new CrdbDataSource(database.pool(1, this.proxy));

	private final TransactionFixture fixture = new TransactionFixture(this.dataSource);

	private final List<Throwable> failures = new ArrayList<>();

	@BeforeEach
	void openConnection() {
		this.fixture.jdbc.sql("SELECT 1").query(Integer.class).single();
		this.proxy.clear();
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void aPauseThatWouldCrossTheDeadlineIsNotBegun() {
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.backoff(new BackoffSettings(Duration.ofSeconds(10), 2, Duration.ofMinutes(1), 1))
			.listeners(List.of(this.fixture.listener))
			.build();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template(CrdbTransactionOptions.none(), settings)
				.executeWithoutResult(timeout(Duration.ofSeconds(30)), (status) -> fail()))
			.withMessageContaining("'slow'")
			.withMessageContaining("30000 ms")
			.satisfies((ex) -> {
				assertThat(ex.getAttempts()).isEqualTo(3);
				assertThat(ex.getElapsed()).isPositive().isLessThan(Duration.ofSeconds(30));
				assertThat(ex.getCause()).isSameAs(this.failures.get(2));
				assertThat(ex.getSuppressed()).containsExactly(this.failures.get(1), this.failures.get(0));
			});
		assertThat(this.fixture.pauses).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(20));
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "retry 2",
				"failure 3 TransactionDeadlineExceededException");
	}

	@Test
	void aCallbackThatOutlastsTheTimeoutIsRolledBack() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(timeout(SHORT), (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				outlast();
			}))
			.satisfies((ex) -> {
				assertThat(ex.getAttempts()).isOne();
				assertThat(ex.getElapsed()).isGreaterThanOrEqualTo(SHORT);
				assertThat(ex).hasCauseInstanceOf(TransactionTimedOutException.class);
			});
		assertThat(this.proxy.statements()).doesNotContain("COMMIT").last().isEqualTo("ROLLBACK");
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 TransactionDeadlineExceededException");
	}

	@Test
	void aConflictAfterTheDeadlineIsNotRetried() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(timeout(SHORT), (status) -> {
				outlast();
				fail();
			}))
			.satisfies((ex) -> assertThat(ex.getCause()).isSameAs(this.failures.get(0)));
		assertThat(this.fixture.pauses).isEmpty();
	}

	@Test
	void anErrorOfTheUsersOwnAfterTheDeadlineArrivesAsItIs() {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(timeout(SHORT), (status) -> {
				outlast();
				throw failure;
			}))
			.isSameAs(failure);
	}

	@Test
	void aStatementBegunAfterTheDeadlineIsRefused() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(timeout(SHORT), (status) -> {
				// Spring counts in seconds, which are not waited for
				ConnectionHolder holder = (ConnectionHolder) TransactionSynchronizationManager
					.getResource(this.dataSource);
				outlast();
				holder.setTimeoutInMillis(0);
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}))
			.withCauseInstanceOf(TransactionTimedOutException.class);
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void aRunningStatementIsCancelled() {
		assumeThat(database.isCockroach()).as("pg_sleep needs PostgreSQL").isFalse();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template()
				.executeWithoutResult(timeout(Duration.ofMillis(500)),
						(status) -> this.fixture.jdbc.sql("SELECT pg_sleep(30)").query().singleRow()))
			.withCauseInstanceOf(QueryTimeoutException.class)
			.satisfies((ex) -> assertThat(ex.getElapsed()).isLessThan(Duration.ofSeconds(10)));
	}

	@Test
	void warnsOnceIfTheServerDoesNotCancelStatements(CapturedOutput output) {
		CrdbTransactionTemplate template = this.fixture.template();
		template.executeWithoutResult((status) -> {
		});
		assertThat(output).doesNotContain("does not end a statement");
		template.executeWithoutResult(timeout(Duration.ofMinutes(1)), (status) -> {
		});
		template.withOptions(timeout(Duration.ofMinutes(2))).executeWithoutResult((status) -> {
		});
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "does not end a statement"))
			.isEqualTo(database.serverInfo().supports(ServerFeature.QUERY_CANCEL) ? 0 : 1);
	}

	@Test
	void aTimeoutTakesNoConnectionBesidesTheTransactions() {
		AtomicInteger connections = new AtomicInteger();
		CrdbDataSource counted = new CrdbDataSource(new DelegatingDataSource(this.dataSource) {
			@Override
			public Connection getConnection() throws SQLException {
				connections.incrementAndGet();
				return super.getConnection();
			}
		});
		TransactionFixture fixture = new TransactionFixture(counted);
		fixture.template().executeWithoutResult(timeout(Duration.ofMinutes(1)), (status) -> {
		});
		assertThat(connections).hasValue(1);
	}

	private static CrdbTransactionOptions timeout(Duration timeout) {
		return CrdbTransactionOptions.builder().name("slow").timeout(timeout).build();
	}

	private static void outlast() {
		TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
		while (!attempt.isExpired()) {
			LockSupport.parkNanos(1_000_000);
		}
	}

	private void fail() {
		CannotAcquireLockException failure = new CannotAcquireLockException("conflict",
				new SQLException("restart transaction", "40001"));
		this.failures.add(failure);
		throw failure;
	}

}
