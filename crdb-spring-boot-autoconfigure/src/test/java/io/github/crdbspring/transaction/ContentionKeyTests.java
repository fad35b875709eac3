package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for limits of keys: who has to wait for whom.
 */
@DatabaseTest
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContentionKeyTests {

	private static final int HOT = 1;

	private static final int COLD = 2;

	private ContentionFixture fixture;

	private Conflicts conflicts;

	private Service service;

	private TestDatabase database;

	@BeforeEach
	void createFixture(TestDatabase database) {
		this.database = database;
		this.fixture = new ContentionFixture(database, ContentionFixture.NEVER);
		this.conflicts = new Conflicts(database);
		ProxyFactory factory = new ProxyFactory(new Service(this.fixture.jdbc, this.conflicts));
		Function<String, CrdbTransactionTemplate> templates = (qualifier) -> this.fixture.template;
		factory.addAdvisor(new CrdbTransactionalAdvisor(templates, (text) -> text));
		factory.setProxyTargetClass(true);
		this.service = (Service) factory.getProxy();
	}

	@AfterEach
	void closeFixture() {
		this.fixture.close();
	}

	@Test
	void anArgumentOnWhichConflictsConcentrateIsLimitedAndNothingElse() throws Exception {
		for (int i = 0; i < 6; i++) {
			this.service.add(HOT, 1, true, null);
			for (int j = 0; j < 4; j++) {
				this.service.add(100 + 10 * i + j, 1, false, null);
			}
		}
		assertThat(this.fixture.limit("add").keys()).isOne();
		verifyThatOnlyHotCallsWait("add", (id, latch) -> this.service.add(id, 1, false, latch),
				(id) -> this.service.add(id, 1, false, null));
		assertThat(this.conflicts.balance(HOT)).as("lost updates come in between, and nothing is lost").isEqualTo(6108);
	}

	@Test
	void aKeyThatTheAnnotationNamesIsLimitedAndNothingElse() throws Exception {
		for (int i = 0; i < 3; i++) {
			this.service.pay(new Payment(HOT, "EUR"), true, null);
		}
		assertThat(this.fixture.limit("pay").keys()).isOne();
		verifyThatOnlyHotCallsWait("pay", (id, latch) -> this.service.pay(new Payment(id, "EUR"), false, latch),
				(id) -> this.service.pay(new Payment(id, "EUR"), false, null));
	}

	@Test
	void aKeyOfTheOptionsIsLimitedAndNothingElse() throws Exception {
		CrdbTransactionOptions named = ContentionFixture.named("transfer");
		for (int i = 0; i < 3; i++) {
			this.fixture.template.executeWithoutResult(named.toBuilder().contentionKeys(HOT).build(),
					(status) -> Service.conflict(this.conflicts, this.fixture.jdbc));
		}
		assertThat(this.fixture.limit("transfer").keys()).isOne();
		verifyThatOnlyHotCallsWait("transfer",
				(id, latch) -> this.fixture.template.executeWithoutResult(named.toBuilder().contentionKeys(id).build(),
						(status) -> ContentionFixture.await(latch)),
				(id) -> this.fixture.template.executeWithoutResult(named.toBuilder().contentionKeys(id).build(),
						(status) -> {
						}));
		this.fixture.template.executeWithoutResult(named, (status) -> {
		});
	}

	@Test
	void methodsOfSpringsHaveTheirArgumentsAsCandidates() {
		SpringTransactionalRetry retry = new SpringTransactionalRetry();
		this.fixture.transactionManager.addListener(retry);
		TransactionTemplate spring = new TransactionTemplate(this.fixture.transactionManager);
		for (int i = 0; i < 6; i++) {
			springCall(retry, spring, HOT, true);
			for (int j = 0; j < 4; j++) {
				springCall(retry, spring, 100 + 10 * i + j, false);
			}
		}
		assertThat(this.fixture.limit("spring").keys()).isOne();
	}

	private void springCall(SpringTransactionalRetry retry, TransactionTemplate spring, int id, boolean conflict) {
		/**
		 * A call of a method with an argument.
		 */
		final class Call implements Supplier<Integer>, KeyedCall {

			@Override
			public Integer get() {
				return spring.execute((status) -> {
					if (conflict) {
						Service.conflict(ContentionKeyTests.this.conflicts, ContentionKeyTests.this.fixture.jdbc);
					}
					return id;
				});
			}

			@Override
			public Object[] arguments() {
				return new Object[] { id };
			}

		}
		assertThat(retry.retry(this.fixture.template, new DefaultTransactionAttribute(),
				ContentionFixture.named("spring"), new Call()))
			.isEqualTo(id);
	}

	@Test
	void whoIsNotHeldBackTakesTheUsualPauses() {
		try (ContentionFixture other = new ContentionFixture(this.database, ContentionFixture.NEVER)) {
			other.template.executeWithoutResult((status) -> {
				this.fixture.template.executeWithoutResult(ContentionFixture.named("transfer"), (inner) -> {
					if (TransactionAttempt.current().orElseThrow().number() == 1) {
						throw ContentionFixture.conflict();
					}
				});
				assertThat(this.fixture.pauses).containsExactly(Duration.ofMillis(50));
			});
		}
	}

	@Test
	void callersThatNeverWaitDoNotStarveThoseThatDo() throws Exception {
		Duration stall = Duration.ofMillis(500);
		try (ContentionFixture starving = new ContentionFixture(this.database, stall)) {
			starving.limitToOne("transfer");
			AtomicBoolean stop = new AtomicBoolean();
			TransactionTemplate elsewhere = new TransactionTemplate(this.fixture.transactionManager);
			List<Future<Boolean>> never = starving.submit(3, () -> elsewhere.execute((status) -> {
				for (int i = 0; !stop.get(); i++) {
					int number = i;
					starving.template.executeWithoutResult(ContentionFixture.named("transfer"), (inner) -> {
						if (number % 3 == 0 && TransactionAttempt.current().orElseThrow().number() == 1) {
							throw ContentionFixture.conflict();
						}
					});
				}
				return true;
			}));
			List<Long> waits = new ArrayList<>();
			for (int i = 0; i < 5; i++) {
				long begin = System.nanoTime();
				starving.template.executeWithoutResult(ContentionFixture.named("transfer"), (status) -> {
				});
				waits.add(System.nanoTime() - begin);
			}
			stop.set(true);
			for (Future<Boolean> future : never) {
				assertThat(future.get()).isTrue();
			}
			assertThat(waits).allSatisfy((wait) -> assertThat(wait).isLessThan(5 * stall.toNanos()));
			assertThat(starving.limit("transfer").underWay()).isZero();
		}
	}

	@Test
	void valuesOfKeysAreNotShown() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().contentionKeys("secret").build();
		assertThat(options.contentionKeys()).containsExactly("secret");
		assertThat(options).asString().doesNotContain("secret").contains("contentionKeys=1");
	}

	/**
	 * While one call with the hot key is under way, another one waits for it, and those
	 * with other keys do not.
	 */
	private void verifyThatOnlyHotCallsWait(String name, Holding hold, IntConsumer call) throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch latch = new CountDownLatch(1);
		Future<Boolean> holder = this.fixture.submit(() -> {
			begun.countDown();
			hold.call(HOT, latch);
			return true;
		});
		begun.await();
		while (this.fixture.limit(name).underWay() == 0) {
			Thread.onSpinWait();
		}
		Future<Boolean> waiting = this.fixture.submit(() -> {
			call.accept(HOT);
			return true;
		});
		this.fixture.awaitWaiting(name, 1);
		call.accept(COLD);
		call.accept(COLD);
		assertThat(waiting).isNotDone();
		latch.countDown();
		assertThat(holder.get()).isTrue();
		assertThat(waiting.get()).isTrue();
		assertThat(this.fixture.limit(name).underWay()).isZero();
	}

	/**
	 * A call that takes until a latch opens.
	 */
	private interface Holding {

		void call(int id, CountDownLatch latch);

	}

	/**
	 * What to pay.
	 *
	 * @param account the account
	 * @param currency the currency
	 */
	record Payment(int account, String currency) {

	}

	/**
	 * A service.
	 */
	static class Service {

		private final JdbcClient jdbc;

		private final Conflicts conflicts;

		Service(JdbcClient jdbc, Conflicts conflicts) {
			this.jdbc = jdbc;
			this.conflicts = conflicts;
		}

		@CrdbTransactional(name = "add")
		void add(long id, int amount, boolean conflict, CountDownLatch latch) {
			if (conflict) {
				conflict(this.conflicts, this.jdbc);
			}
			if (latch != null) {
				ContentionFixture.await(latch);
			}
			Conflicts.add(this.jdbc, (int) id, amount);
		}

		@CrdbTransactional(name = "pay", contentionKey = "#payment.account")
		void pay(Payment payment, boolean conflict, CountDownLatch latch) {
			if (conflict) {
				conflict(this.conflicts, this.jdbc);
			}
			if (latch != null) {
				ContentionFixture.await(latch);
			}
		}

		/**
		 * Run into a real conflict in the first attempt: a row is changed by somebody
		 * else after it was read and before it is written.
		 */
		static void conflict(Conflicts conflicts, JdbcClient jdbc) {
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				Conflicts.read(jdbc, HOT);
				conflicts.lostUpdate(HOT);
				Conflicts.add(jdbc, HOT, 0);
			}
		}

	}

}
