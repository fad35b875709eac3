package io.github.crdbspring.transaction.contention;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Admission} with many threads.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmissionLoadTests {

	private static final CallKeys NONE = CallKeys.none();

	private static final long HOUR = Duration.ofHours(1).toNanos();

	/**
	 * No stall, so that nobody is admitted above the limit.
	 */
	private final Admission admission = new Admission("transfer",
			new ContentionSettings(0.25, 0.5, 0, Duration.ofHours(1), null), System::nanoTime);

	@Test
	void noMoreAreUnderWayThanTheLimitAllows() throws Exception {
		limit(8);
		// Neither commits nor conflicts: it stays at four
		AtomicInteger most = run(16, (underWay) -> AttemptEnd.OTHER);
		assertThat(this.admission.limit()).isEqualTo(4);
		assertThat(most.get()).isBetween(1, 4);
	}

	@Test
	void withALimitOfOneEachIsAlone() throws Exception {
		limit(1);
		AtomicInteger most = run(16, (underWay) -> AttemptEnd.CONFLICT);
		assertThat(this.admission.limit()).as("they are in conflict with somebody else").isLessThan(1);
		assertThat(most.get()).isOne();
	}

	@Test
	void nobodyIsLeftBehindWhileTheLimitComesAndGoes() throws Exception {
		run(16, (underWay) -> switch (ThreadLocalRandom.current().nextInt(8)) {
			case 0 -> AttemptEnd.OTHER;
			case 1 -> (underWay > 2) ? AttemptEnd.CONFLICT : AttemptEnd.COMMIT;
			default -> AttemptEnd.COMMIT;
		});
	}

	/**
	 * Have threads begin and end attempts.
	 * @return how many were under way at once at most
	 */
	private AtomicInteger run(int callers, IntFunction<AttemptEnd> ends) throws Exception {
		AtomicInteger underWay = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(callers);
		try {
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				done.add(threads.submit(() -> {
					for (int j = 0; j < 300; j++) {
						Ticket ticket = begin(System.nanoTime());
						int now = underWay.incrementAndGet();
						most.accumulateAndGet(now, Math::max);
						Thread.yield();
						underWay.decrementAndGet();
						this.admission.end(ticket, NONE, ends.apply(now));
					}
					return null;
				}));
			}
			for (Future<?> future : done) {
				future.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(this.admission.underWay()).isZero();
		assertThat(this.admission.waiting()).isZero();
		return most;
	}

	/**
	 * Have a number of attempts under way, of which one ends in conflict, and the others
	 * afterwards.
	 */
	private void limit(int underWay) {
		for (int i = 0; i < underWay; i++) {
			this.admission.tryBegin(NONE, 0);
		}
		this.admission.end(Ticket.OPEN, NONE, AttemptEnd.CONFLICT);
		for (int i = 1; i < underWay; i++) {
			this.admission.end(Ticket.OPEN, NONE, AttemptEnd.OTHER);
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void thousandsOfVirtualThreadsWait() throws Exception {
		int callers = 5000;
		this.admission.tryBegin(NONE, 0);
		this.admission.end(this.admission.tryBegin(NONE, 0), NONE, AttemptEnd.CONFLICT);
		CountDownLatch admitted = new CountDownLatch(callers);
		ExecutorService threads = virtualThreads();
		try {
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				done.add(threads.submit(() -> {
					Ticket ticket = begin(System.nanoTime());
					admitted.countDown();
					this.admission.end(ticket, NONE, AttemptEnd.COMMIT);
					return null;
				}));
			}
			while (this.admission.waiting() < callers) {
				Thread.sleep(1);
			}
			assertThat(admitted.getCount()).isEqualTo(callers);
			this.admission.end(Ticket.OPEN, NONE, AttemptEnd.COMMIT);
			for (Future<?> future : done) {
				future.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(this.admission.underWay()).isZero();
		assertThat(this.admission.waiting()).isZero();
	}

	private Ticket begin(long callStarted) throws Exception {
		Ticket ticket = this.admission.tryBegin(NONE, callStarted);
		return (ticket != null) ? ticket : this.admission.awaitBegin(NONE, callStarted, HOUR);
	}

	/**
	 * Return an executor that this code, which is compiled for Java 17, cannot name.
	 */
	private static ExecutorService virtualThreads()
			throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
		return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
	}

}
