package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.transaction.interceptor.DefaultTransactionAttribute;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the limit of attempts that are under way at once, in a template.
 */
@DatabaseTest
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContentionTests {

	private static final CrdbTransactionOptions TRANSFER = ContentionFixture.named("transfer");

	private ContentionFixture fixture;

	private Conflicts conflicts;

	@BeforeEach
	void createFixture(TestDatabase database) {
		this.fixture = new ContentionFixture(database, ContentionFixture.NEVER);
		this.conflicts = new Conflicts(database);
	}

	@AfterEach
	void closeFixture() {
		this.fixture.close();
	}

	@Test
	void withoutAConflictAllRunAtOnce() throws Exception {
		CountDownLatch inside = new CountDownLatch(4);
		for (Future<?> future : this.fixture.submit(4, () -> this.fixture.template.execute(TRANSFER, (status) -> {
			inside.countDown();
			ContentionFixture.await(inside);
			return this;
		}))) {
			future.get();
		}
		assertThat(this.fixture.limit("transfer").limit()).isNaN();
		assertThat(this.fixture.events).doesNotContain("waited 1");
	}

	@Test
	void whoWaitsHoldsNoConnection() throws Exception {
		this.fixture.limitToOne("transfer");
		CountDownLatch latch = new CountDownLatch(1);
		Future<?> holder = this.fixture.hold("transfer", latch);
		List<Future<Integer>> waiting = this.fixture.submit(12, () -> this.fixture.template.execute(TRANSFER,
				(status) -> this.fixture.jdbc.sql("UPDATE account SET balance = balance + 1 WHERE id = 1").update()));
		this.fixture.awaitWaiting("transfer", 12);
		assertThat(this.fixture.pool.getHikariPoolMXBean().getActiveConnections()).isOne();
		assertThat(this.fixture.pool.getHikariPoolMXBean().getThreadsAwaitingConnection()).isZero();
		latch.countDown();
		holder.get();
		for (Future<Integer> future : waiting) {
			assertThat(future.get()).isOne();
		}
		assertThat(this.conflicts.balance(1)).isEqualTo(112);
		assertThat(this.fixture.limit("transfer").underWay()).isZero();
		assertThat(this.fixture.events).filteredOn("waited 1"::equals).hasSize(12);
	}

	@Test
	void aRealConflictLimits() {
		this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (balance == 100) {
				this.conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.fixture.limit("transfer").limit()).isBetween(1.0, 1.3);
	}

	@Test
	void aLostConnectionDoesNotLimit() {
		this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				this.fixture.loseConnection();
			}
		});
		assertThat(this.fixture.limit("transfer").limit()).isNaN();
		assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(50));
	}

	@Test
	void pausesAfterConflictsAreShortWhereThereIsALimit() {
		this.fixture.limitToOne("transfer");
		assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(1));
		this.fixture.template.executeWithoutResult((status) -> {
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				throw ContentionFixture.conflict();
			}
		});
		assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(1), Duration.ofMillis(50));
	}

	@Test
	void pausesDoNotGrowWhileALimitKeepsAttemptsApart() {
		this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
			if (TransactionAttempt.current().orElseThrow().number() < 5) {
				throw ContentionFixture.conflict();
			}
		});
		assertThat(this.fixture.pauses).hasSize(4).containsOnly(Duration.ofMillis(1));
	}

	@Test
	void namesTemplatesAndCallsWithoutANameAreIndependent(TestDatabase database) throws Exception {
		this.fixture.limitToOne("transfer");
		CountDownLatch latch = new CountDownLatch(1);
		Future<?> holder = this.fixture.hold("transfer", latch);
		try (ContentionFixture other = new ContentionFixture(database, ContentionFixture.NEVER)) {
			assertThat(this.fixture.template.<Boolean>execute((status) -> true)).isTrue();
			assertThat(this.fixture.template.<Boolean>execute(ContentionFixture.named("report"), (status) -> true))
				.isTrue();
			assertThat(other.template.<Boolean>execute(TRANSFER, (status) -> true)).isTrue();
		}
		CrdbTransactionTemplate copy = this.fixture.template.withOptions(TRANSFER);
		Future<Boolean> waiting = this.fixture.submit(() -> copy.execute((status) -> true));
		this.fixture.awaitWaiting("transfer", 1);
		latch.countDown();
		holder.get();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void aTransactionThatJoinsDoesNotWait() {
		this.fixture.limitToOne("transfer");
		this.fixture.template.executeWithoutResult(TRANSFER, (status) -> this.fixture.template
			.executeWithoutResult(TRANSFER, (joined) -> assertThat(this.fixture.limit("transfer").underWay()).isOne()));
	}

	@Test
	void transactionsOfSpringsAreLimitedToo() throws Exception {
		this.fixture.limitToOne("transfer");
		CountDownLatch latch = new CountDownLatch(1);
		Future<?> holder = this.fixture.hold("transfer", latch);
		TransactionTemplate spring = new TransactionTemplate(this.fixture.transactionManager);
		SpringTransactionalRetry retry = new SpringTransactionalRetry();
		this.fixture.transactionManager.addListener(retry);
		Future<Boolean> waiting = this.fixture.submit(() -> retry.retry(this.fixture.template,
				new DefaultTransactionAttribute(), TRANSFER, () -> spring.<Boolean>execute((status) -> true)));
		this.fixture.awaitWaiting("transfer", 1);
		latch.countDown();
		holder.get();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void aCallInConflictKeepsItsPlace() throws Exception {
		this.fixture.limitToOne("transfer");
		CountDownLatch latch = new CountDownLatch(1);
		List<Integer> balances = new CopyOnWriteArrayList<>();
		Future<?> old = this.fixture.submit(() -> this.fixture.template.<Object>execute(TRANSFER, (status) -> {
			balances.add(Conflicts.read(this.fixture.jdbc, 1));
			ContentionFixture.await(latch);
			if (balances.size() == 1) {
				throw ContentionFixture.conflict();
			}
			return balances;
		}));
		while (this.fixture.limit("transfer").underWay() == 0) {
			Thread.onSpinWait();
		}
		AtomicBoolean first = new AtomicBoolean(true);
		List<Future<Integer>> young = this.fixture.submit(3, () -> this.fixture.template.execute(TRANSFER, (status) -> {
			if (first.getAndSet(false)) {
				// The two others, and the old one again
				this.fixture.awaitWaiting("transfer", 3);
			}
			return this.fixture.jdbc.sql("UPDATE account SET balance = balance + 1 WHERE id = 1").update();
		}));
		this.fixture.awaitWaiting("transfer", 3);
		latch.countDown();
		old.get();
		for (Future<Integer> future : young) {
			assertThat(future.get()).isOne();
		}
		// Only the one that took the place which the conflict made free came before
		assertThat(balances).containsExactly(100, 101);
	}

}
