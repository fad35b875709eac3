package io.github.crdbspring.transaction.contention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Admission}.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmissionTests {

	private static final CallKeys NONE = CallKeys.none();

	private static final long HOUR = Duration.ofHours(1).toNanos();

	private final AtomicLong time = new AtomicLong(1);

	private final Admission admission = admission(0);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	@AfterEach
	void stopThreads() {
		this.threads.shutdownNow();
	}

	@Test
	void withoutConflictsNothingIsLimited() {
		for (int i = 0; i < 1000; i++) {
			assertThat(this.admission.tryBegin(NONE, 0).isLimited()).isFalse();
		}
		assertThat(this.admission.underWay()).isEqualTo(1000);
		for (int i = 0; i < 1000; i++) {
			this.admission.end(Ticket.OPEN, NONE, (i % 2 == 0) ? AttemptEnd.COMMIT : AttemptEnd.OTHER);
		}
		assertThat(this.admission.underWay()).isZero();
		assertThat(this.admission.limit()).isNaN();
	}

	@Test
	void aConflictLimitsToHalfOfWhatWasUnderWay() {
		limit(8);
		assertThat(this.admission.limit()).isEqualTo(4);
		assertThat(this.admission.underWay()).isEqualTo(7);
		assertThat(this.admission.tryBegin(NONE, 0)).isNull();
	}

	@Test
	void aToleratedShareOfConflictsDoesNotLimit() {
		Admission tolerant = admission(0.3);
		for (int i = 0; i < 1000; i++) {
			AttemptEnd end = (i % 5 == 0) ? AttemptEnd.CONFLICT : AttemptEnd.COMMIT;
			tolerant.end(tolerant.tryBegin(NONE, 0), NONE, end);
		}
		assertThat(tolerant.limit()).isNaN();
		assertThat(tolerant.underWay()).isZero();
		for (int i = 0; i < 16; i++) {
			tolerant.end(tolerant.tryBegin(NONE, 0), NONE, AttemptEnd.CONFLICT);
		}
		assertThat(tolerant.limit()).isLessThanOrEqualTo(1);
	}

	@Test
	void whoMustNotWaitIsAdmittedAndCounted() {
		limit(2);
		Ticket ticket = this.admission.beginAnyway(NONE);
		assertThat(this.admission.underWay()).isEqualTo(2);
		this.admission.end(ticket, NONE, AttemptEnd.OTHER);
		assertThat(this.admission.underWay()).isOne();
	}

	@Test
	void theOldestCallIsAdmittedFirstWhenItArrivesLast() throws Exception {
		limit(2);
		List<Long> admitted = new CopyOnWriteArrayList<>();
		List<Future<?>> waiting = new ArrayList<>();
		long[] ages = { 30, 20, 40, 10 };
		for (int i = 0; i < ages.length; i++) {
			long callStarted = ages[i];
			waiting.add(this.threads.submit(() -> {
				Ticket ticket = this.admission.awaitBegin(NONE, callStarted, HOUR);
				admitted.add(callStarted);
				this.admission.end(ticket, NONE, AttemptEnd.OTHER);
				return null;
			}));
			awaitWaiting(i + 1);
		}
		this.admission.end(Ticket.OPEN, NONE, AttemptEnd.OTHER);
		for (Future<?> future : waiting) {
			future.get();
		}
		assertThat(admitted).containsExactly(10L, 20L, 30L, 40L);
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void whoWaitsTooLongIsNotAdmittedAndLeavesNothingBehind() {
		limit(2);
		Admission passing = this.admission;
		assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> passing.awaitBegin(NONE, 1, 0));
		assertThat(this.admission.waiting()).isZero();
		assertThat(this.admission.underWay()).isOne();
		Admission real = new Admission("transfer", new ContentionSettings(0.25, 0.5, 0, Duration.ofHours(10), null),
				System::nanoTime);
		real.tryBegin(NONE, 0);
		real.end(real.tryBegin(NONE, 0), NONE, AttemptEnd.CONFLICT);
		Future<Ticket> late = this.threads.submit(() -> real.awaitBegin(NONE, 1, Duration.ofMillis(20).toNanos()));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(late::get)
			.withCauseInstanceOf(TimeoutException.class);
		assertThat(real.waiting()).isZero();
		assertThat(real.underWay()).isOne();
	}

	@Test
	void theWatchIsHandedOn() throws Exception {
		Admission real = new Admission("transfer", new ContentionSettings(0.25, 0.5, 0, Duration.ofMillis(200), null),
				System::nanoTime);
		real.tryBegin(NONE, 0);
		real.end(real.tryBegin(NONE, 0), NONE, AttemptEnd.CONFLICT);
		Future<Ticket> watching = this.threads.submit(() -> real.awaitBegin(NONE, 1, Duration.ofMillis(50).toNanos()));
		while (real.waiting() < 1) {
			Thread.onSpinWait();
		}
		Future<Ticket> other = this.threads.submit(() -> real.awaitBegin(NONE, 2, HOUR));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(watching::get)
			.withCauseInstanceOf(TimeoutException.class);
		assertThat(other.get()).as("admitted because of a stall").isNotNull();
	}

	@Test
	void whoIsInterruptedIsNotAdmittedAndLeavesNothingBehind() throws Exception {
		limit(2);
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		Future<?> interrupted = this.threads.submit(() -> {
			thread.complete(Thread.currentThread());
			return this.admission.awaitBegin(NONE, 1, HOUR);
		});
		Future<Ticket> next = this.threads.submit(() -> this.admission.awaitBegin(NONE, 2, HOUR));
		awaitWaiting(2);
		thread.get().interrupt();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(interrupted::get)
			.withCauseInstanceOf(InterruptedException.class);
		assertThat(this.admission.waiting()).isOne();
		this.admission.end(Ticket.OPEN, NONE, AttemptEnd.COMMIT);
		this.admission.end(next.get(), NONE, AttemptEnd.COMMIT);
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void growthAdmitsAllForWhomThereIsRoom() throws Exception {
		limit(2);
		Ticket ticket = Ticket.OPEN;
		for (int i = 0; i < 5; i++) {
			this.admission.end(ticket, NONE, AttemptEnd.COMMIT);
			ticket = this.admission.tryBegin(NONE, 0);
		}
		assertThat(this.admission.limit()).isBetween(1.9, 2.0);
		Future<Ticket> first = this.threads.submit(() -> this.admission.awaitBegin(NONE, 1, HOUR));
		Future<Ticket> second = this.threads.submit(() -> this.admission.awaitBegin(NONE, 2, HOUR));
		awaitWaiting(2);
		this.admission.end(ticket, NONE, AttemptEnd.COMMIT);
		this.admission.end(first.get(), NONE, AttemptEnd.COMMIT);
		this.admission.end(second.get(), NONE, AttemptEnd.COMMIT);
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void isFeltNoMoreWhenTheContentionHasEnded() {
		limit(2);
		this.admission.end(Ticket.OPEN, NONE, AttemptEnd.COMMIT);
		for (int i = 0; i < AdaptiveLimit.QUIET_COMMITS; i++) {
			this.time.incrementAndGet();
			this.admission.end(this.admission.tryBegin(NONE, 0), NONE, AttemptEnd.COMMIT);
		}
		assertThat(this.admission.limit()).isNaN();
		for (int i = 0; i < 100; i++) {
			assertThat(this.admission.tryBegin(NONE, 0).isLimited()).isFalse();
		}
		assertThat(this.admission.underWay()).isEqualTo(100);
	}

	@Test
	void attemptsFromBeforeTheEndOfTheLimitAreCountedAfterIt() {
		limit(5);
		for (int i = 0; i < AdaptiveLimit.QUIET_COMMITS; i++) {
			this.admission.end(this.admission.beginAnyway(NONE), NONE, AttemptEnd.COMMIT);
		}
		assertThat(this.admission.limit()).isNaN();
		assertThat(this.admission.underWay()).isEqualTo(4);
		for (int i = 0; i < 4; i++) {
			this.admission.end(Ticket.OPEN, NONE, AttemptEnd.OTHER);
		}
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void isForgottenWhenNothingHasHappenedForLong() {
		limit(1);
		assertThat(this.admission.limit()).isOne();
		this.time.addAndGet(2 * AdaptiveLimit.IDLE_NANOS);
		assertThat(this.admission.limit()).isNaN();
	}

	@Test
	void aStallAdmitsWhoeverWaits() throws Exception {
		Admission real = new Admission("transfer", new ContentionSettings(0.25, 0.5, 0, Duration.ofMillis(50), null),
				System::nanoTime);
		real.tryBegin(NONE, 0);
		real.end(real.tryBegin(NONE, 0), NONE, AttemptEnd.CONFLICT);
		List<Future<Ticket>> waiting = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			long callStarted = i;
			waiting.add(this.threads.submit(() -> real.awaitBegin(NONE, callStarted, HOUR)));
		}
		for (Future<Ticket> future : waiting) {
			assertThat(future.get()).isNotNull();
		}
		assertThat(real.underWay()).isEqualTo(4);
		assertThat(real.limit()).isEqualTo(4);
	}

	/**
	 * Have a number of attempts under way, of which one ends in conflict.
	 */
	private void limit(int underWay) {
		for (int i = 0; i < underWay; i++) {
			assertThat(this.admission.tryBegin(NONE, 0).isLimited()).isFalse();
		}
		this.admission.end(Ticket.OPEN, NONE, AttemptEnd.CONFLICT);
		this.time.incrementAndGet();
	}

	private void awaitWaiting(int count) {
		while (this.admission.waiting() < count) {
			Thread.onSpinWait();
		}
	}

	private Admission admission(double tolerance) {
		return new Admission("transfer", new ContentionSettings(0.25, 0.5, tolerance, Duration.ofHours(10), null),
				this.time::get);
	}

}
