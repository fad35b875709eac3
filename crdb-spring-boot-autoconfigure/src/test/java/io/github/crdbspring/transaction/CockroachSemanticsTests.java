package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.dao.CannotAcquireLockException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what CockroachDB does with conflicting transactions of two threads, and with
 * priorities.
 */
@DatabaseTest
@RequiresCockroach
class CockroachSemanticsTests {

	private static TestDatabase database;

	private static Conflicts conflicts;

	private static ExecutorService threads;

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private final CyclicBarrier bothHaveRead = new CyclicBarrier(2);

	private final AtomicInteger attempts = new AtomicInteger();

	@BeforeAll
	static void start(TestDatabase testDatabase) {
		database = testDatabase;
		conflicts = new Conflicts(testDatabase);
		threads = Executors.newFixedThreadPool(2);
	}

	@AfterAll
	static void stop() {
		if (threads != null) {
			threads.shutdownNow();
		}
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

	@Test
	void noUpdateIsLost() throws Exception {
		Future<?> five = threads.submit(() -> deposit(5));
		Future<?> seven = threads.submit(() -> deposit(7));
		five.get(20, TimeUnit.SECONDS);
		seven.get(20, TimeUnit.SECONDS);
		assertThat(conflicts.balance(1)).isEqualTo(112);
		assertThat(this.attempts).hasValueGreaterThanOrEqualTo(3);
	}

	@Test
	void writesThatDependOnEachOthersReadsDoNotSkew() throws Exception {
		Future<Boolean> first = threads.submit(() -> withdrawIfTheSumAllowsIt(1));
		Future<Boolean> second = threads.submit(() -> withdrawIfTheSumAllowsIt(2));
		assertThat(List.of(first.get(20, TimeUnit.SECONDS), second.get(20, TimeUnit.SECONDS)))
			.containsExactlyInAnyOrder(true, false);
		assertThat(conflicts.balance(1) + conflicts.balance(2)).isEqualTo(50);
		assertThat(this.attempts).hasValueGreaterThanOrEqualTo(3);
	}

	@Test
	void aConflictThatTheServerFindsAtCommitIsRetried() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			Runnable write = () -> Conflicts.add(this.fixture.jdbc, 2, 5);
			if (this.attempts.incrementAndGet() == 1) {
				conflicts.writeSkew(1, 2, write);
			}
			else {
				assertThat(lastFailure()).isInstanceOf(CannotAcquireLockException.class)
					.hasMessageContaining("RETRY_SERIALIZABLE")
					.hasMessageContaining("commit");
				write.run();
			}
		});
		assertThat(this.attempts).hasValue(2);
		assertThat(conflicts.balance(2)).isEqualTo(105);
	}

	@Test
	void anErrorOnDemandIsRetriedAsOftenAsItTakes() {
		ForceRetry.assumeAllowed(database);
		this.fixture.template().executeWithoutResult((status) -> {
			// As the first statement the server would repeat it by itself
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.attempts.incrementAndGet() < 4) {
				ForceRetry.until(this.fixture.jdbc, "1h");
			}
			assertThat(lastFailure()).hasMessageContaining("force_retry");
		});
		assertThat(this.attempts).hasValue(4);
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(50), Duration.ofMillis(100),
				Duration.ofMillis(200));
	}

	@ParameterizedTest
	@CsvSource({ "NORMAL, HIGH", "DEFAULT, HIGH", "LOW, NORMAL", "LOW, DEFAULT", "LOW, HIGH" })
	void theHigherPriorityWinsAndTheLowerIsRetried(TransactionPriority lower, TransactionPriority higher) {
		this.fixture.template().executeWithoutResult(priority(lower), (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.attempts.incrementAndGet() == 1) {
				assertThat(inAnotherThread(higher)).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(1);
				// Found out with the next statement
				Conflicts.read(this.fixture.jdbc, 1);
			}
		});
		assertThat(this.attempts).hasValue(2);
		assertThat(conflicts.balance(1)).isEqualTo(112);
	}

	@ParameterizedTest
	@CsvSource({ "NORMAL, NORMAL", "HIGH, NORMAL", "HIGH, HIGH" })
	void ofTheSamePriorityOrALowerOneTheSecondWaits(TransactionPriority holder, TransactionPriority second)
			throws Exception {
		Future<Integer> waiting = this.fixture.template().execute(priority(holder), (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			Future<Integer> other = inAnotherThread(second);
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> other.get(200, TimeUnit.MILLISECONDS));
			this.attempts.incrementAndGet();
			return other;
		});
		waiting.get(20, TimeUnit.SECONDS);
		assertThat(this.attempts).hasValue(1);
		assertThat(conflicts.balance(1)).isEqualTo(112);
	}

	private void deposit(int amount) {
		this.fixture.template().executeWithoutResult((status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			awaitOther();
			this.fixture.jdbc.sql("UPDATE account SET balance = ? WHERE id = 1").param(balance + amount).update();
		});
	}

	private boolean withdrawIfTheSumAllowsIt(int id) {
		return this.fixture.template().execute((status) -> {
			int sum = Conflicts.read(this.fixture.jdbc, 1) + Conflicts.read(this.fixture.jdbc, 2);
			awaitOther();
			if (sum < 150) {
				return false;
			}
			Conflicts.add(this.fixture.jdbc, id, -150);
			return true;
		});
	}

	/**
	 * Let both threads go on only when both have read, but do not wait for a thread that
	 * is through with its transaction.
	 */
	private void awaitOther() {
		this.attempts.incrementAndGet();
		if (TransactionAttempt.current().orElseThrow().number() == 1) {
			try {
				this.bothHaveRead.await(10, TimeUnit.SECONDS);
			}
			catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private Future<Integer> inAnotherThread(TransactionPriority priority) {
		return threads.submit(() -> this.fixture.template().execute(priority(priority), (status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 7);
			return TransactionAttempt.current().orElseThrow().number();
		}));
	}

	private static CrdbTransactionOptions priority(TransactionPriority priority) {
		return CrdbTransactionOptions.builder().priority(priority).build();
	}

	private static Throwable lastFailure() {
		return TransactionAttempt.current().orElseThrow().lastFailure();
	}

}
