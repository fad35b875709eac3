package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.metrics.MeterTransactionObserver;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.statistics.TransactionStatistics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.CannotCreateTransactionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the ways in which a wait for admission can end, and for deadlocks that it
 * must not lead to.
 */
@DatabaseTest
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContentionWaitTests {

	private static final Duration TIMEOUT = Duration.ofMillis(100);

	private static final CrdbTransactionOptions TRANSFER = ContentionFixture.named("transfer");

	private final CountDownLatch latch = new CountDownLatch(1);

	private final TransactionStatistics statistics = new TransactionStatistics();

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private TestDatabase database;

	private ContentionFixture fixture;

	@BeforeEach
	void createFixture(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.fixture = new ContentionFixture(testDatabase, ContentionFixture.NEVER, this.statistics,
				new MeterTransactionObserver(this.registry));
	}

	@AfterEach
	void closeFixture() {
		this.latch.countDown();
		this.fixture.close();
		Thread.interrupted();
	}

	@Test
	void theTimeoutEndsAWaitBeforeTheFirstAttempt() throws Exception {
		this.fixture.limitToOne("transfer");
		this.fixture.hold("transfer", this.latch);
		this.fixture.events.clear();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class).isThrownBy(() -> this.fixture.template
			.executeWithoutResult(TRANSFER.toBuilder().timeout(TIMEOUT).build(), (status) -> {
			})).withNoCause().withMessageContaining("0 attempts").satisfies((ex) -> {
				assertThat(ex.getAttempts()).isZero();
				assertThat(ex.getElapsed()).isGreaterThanOrEqualTo(TIMEOUT);
			});
		assertThat(this.fixture.events).containsExactly("waited 1");
		assertThat(this.fixture.limit("transfer").waiting()).isZero();
	}

	@Test
	void anAttemptThatTheTimeoutDidNotLetBeginIsToldToNobody() throws Exception {
		this.fixture.limitToOne("transfer");
		this.fixture.hold("transfer", this.latch);
		assertThatExceptionOfType(TransactionDeadlineExceededException.class).isThrownBy(() -> this.fixture.template
			.executeWithoutResult(TRANSFER.toBuilder().timeout(TIMEOUT).build(), (status) -> {
			}));
		verifyThatNoAttemptWasTold("DEADLINE 0");
	}

	@Test
	void anAttemptThatAnInterruptionDidNotLetBeginIsToldToNobody() throws Exception {
		this.fixture.limitToOne("transfer");
		this.fixture.hold("transfer", this.latch);
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		Future<?> interrupted = this.fixture.submit(() -> {
			thread.complete(Thread.currentThread());
			return assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
				}));
		});
		this.fixture.awaitWaiting("transfer", 1);
		thread.get().interrupt();
		interrupted.get();
		verifyThatNoAttemptWasTold("ROLLED_BACK 0");
	}

	@Test
	void aRetryThatTheTimeoutDidNotLetBeginIsNotCounted() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class).isThrownBy(() -> this.fixture.template
			.executeWithoutResult(TRANSFER.toBuilder().timeout(Duration.ofSeconds(1)).build(),
					(status) -> failWhileOthersAreInside()));
		verifyThatNoRetryWasCounted("DEADLINE 1");
	}

	@Test
	void aRetryThatAnInterruptionDidNotLetBeginIsNotCounted() {
		assertThatExceptionOfType(CannotAcquireLockException.class)
			.isThrownBy(() -> this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
				Thread.currentThread().interrupt();
				failWhileOthersAreInside();
			}));
		assertThat(Thread.interrupted()).isTrue();
		verifyThatNoRetryWasCounted("ROLLED_BACK 1");
	}

	@Test
	void aRetryThatBeganIsCounted() {
		this.fixture.limitToOne("transfer");
		assertThat(this.statistics.summaries().get("transfer").retries()).isOne();
		assertThat(this.registry.get("crdb.transaction.retries").counter().count()).isOne();
	}

	@Test
	void theTimeoutEndsAWaitBeforeAnotherAttempt() throws Exception {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template.executeWithoutResult(
					TRANSFER.toBuilder().timeout(Duration.ofSeconds(1)).build(),
					(status) -> failWhileOthersAreInside()))
			.withCauseInstanceOf(CannotAcquireLockException.class)
			.satisfies((ex) -> assertThat(ex.getAttempts()).isOne());
	}

	@Test
	void anInterruptionEndsAWaitBeforeTheFirstAttempt() throws Exception {
		this.fixture.limitToOne("transfer");
		this.fixture.hold("transfer", this.latch);
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		Future<Boolean> interrupted = this.fixture.submit(() -> {
			thread.complete(Thread.currentThread());
			assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
				}))
				.withMessageContaining("'transfer'");
			return Thread.interrupted();
		});
		this.fixture.awaitWaiting("transfer", 1);
		thread.get().interrupt();
		assertThat(interrupted.get()).isTrue();
		assertThat(this.fixture.limit("transfer").waiting()).isZero();
	}

	@Test
	void anInterruptionEndsAWaitBeforeAnotherAttemptInTheLastFailure() {
		assertThatExceptionOfType(CannotAcquireLockException.class)
			.isThrownBy(() -> this.fixture.template.executeWithoutResult(TRANSFER, (status) -> {
				Thread.currentThread().interrupt();
				failWhileOthersAreInside();
			}));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void whoIsInsideATransactionDoesNotWaitForAnother() throws Exception {
		try (ContentionFixture other = new ContentionFixture(this.database, ContentionFixture.NEVER)) {
			this.fixture.limitToOne("transfer");
			other.limitToOne("report");
			CountDownLatch bothInside = new CountDownLatch(2);
			Future<Boolean> first = this.fixture.submit(() -> this.fixture.template.execute(TRANSFER, (status) -> {
				bothInside.countDown();
				ContentionFixture.await(bothInside);
				return other.template.execute(ContentionFixture.named("report"), (inner) -> true);
			}));
			Future<Boolean> second = other
				.submit(() -> other.template.execute(ContentionFixture.named("report"), (status) -> {
					bothInside.countDown();
					ContentionFixture.await(bothInside);
					return this.fixture.template.execute(TRANSFER, (inner) -> true);
				}));
			assertThat(first.get()).isTrue();
			assertThat(second.get()).isTrue();
		}
	}

	@Test
	void aNameThatCallsItselfByWayOfOtherThreadsIsNotStuck() throws Exception {
		try (ContentionFixture stalling = new ContentionFixture(this.database, TIMEOUT)) {
			stalling.limitToOne("transfer");
			Future<Boolean> outer = stalling.submit(() -> stalling.template.execute(TRANSFER,
					(status) -> stalling.submit(2, () -> stalling.template.<Boolean>execute(TRANSFER, (inner) -> true))
						.stream()
						.allMatch(ContentionFixture::get)));
			assertThat(outer.get()).isTrue();
			assertThat(stalling.limit("transfer").underWay()).isZero();
		}
	}

	@Test
	void twoNamesThatCallEachOtherByWayOfOtherThreadsAreNotStuck() throws Exception {
		try (ContentionFixture stalling = new ContentionFixture(this.database, TIMEOUT)) {
			stalling.limitToOne("transfer");
			stalling.limitToOne("report");
			CountDownLatch bothInside = new CountDownLatch(2);
			Future<Boolean> first = callByWayOfAnotherThread(stalling, "transfer", "report", bothInside);
			Future<Boolean> second = callByWayOfAnotherThread(stalling, "report", "transfer", bothInside);
			assertThat(first.get()).isTrue();
			assertThat(second.get()).isTrue();
		}
	}

	private static Future<Boolean> callByWayOfAnotherThread(ContentionFixture fixture, String outer, String inner,
			CountDownLatch bothInside) {
		return fixture.submit(() -> fixture.template.execute(ContentionFixture.named(outer), (status) -> {
			bothInside.countDown();
			ContentionFixture.await(bothInside);
			return ContentionFixture.get(fixture
				.submit(() -> fixture.template.<Boolean>execute(ContentionFixture.named(inner), (ignored) -> true)));
		}));
	}

	/**
	 * The holder's attempt is under way, and the one before that took two.
	 */
	private void verifyThatNoAttemptWasTold(String end) {
		assertThat(this.fixture.ends).containsExactly(end);
		assertThat(this.fixture.listener.events).isEmpty();
		assertThat(this.statistics.summaries().get("transfer").attempts()).containsEntry("1", 0L);
		assertThat(this.registry.get("crdb.transaction.attempts").summary().totalAmount()).isEqualTo(2);
	}

	private void verifyThatNoRetryWasCounted(String end) {
		assertThat(this.fixture.ends).containsExactly(end);
		assertThat(this.statistics.summaries().get("transfer").retries()).isZero();
		assertThat(this.registry.find("crdb.transaction.retries").counters()).allMatch((retry) -> retry.count() == 0);
	}

	/**
	 * Fail in conflict, so that the limit is one, with another attempt under way.
	 */
	private void failWhileOthersAreInside() {
		boolean interrupted = Thread.interrupted();
		try {
			this.fixture.hold("transfer", this.latch);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		throw ContentionFixture.conflict();
	}

}
