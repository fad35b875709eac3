package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.core.NestedExceptionUtils;

/**
 * Counts faults, until there were enough of them or time is over.
 */
final class FaultTally {

	private final Map<String, Integer> happened = new ConcurrentSkipListMap<>();

	private final Map<String, Integer> failed = new ConcurrentSkipListMap<>();

	private final AtomicInteger total = new AtomicInteger();

	private final CountDownLatch over = new CountDownLatch(1);

	private final int wanted;

	private final long deadline;

	FaultTally(int wanted, Duration time) {
		this.wanted = wanted;
		this.deadline = System.nanoTime() + time.toNanos();
	}

	void happened(String kind) {
		this.happened.merge(kind, 1, Integer::sum);
		if (this.total.incrementAndGet() >= this.wanted) {
			this.over.countDown();
		}
	}

	/**
	 * Take note that a fault could not be made, which is usually due to another one.
	 */
	void failed(String kind, Exception failure) {
		this.failed.merge(kind + ": " + Failures.describe(NestedExceptionUtils.getMostSpecificCause(failure)), 1,
				Integer::sum);
	}

	/**
	 * Let time pass.
	 * @return whether there are more faults to be made after it
	 */
	boolean pause(Duration duration) throws InterruptedException {
		long left = Math.max(0, Math.min(duration.toNanos(), this.deadline - System.nanoTime()));
		return !this.over.await(left, TimeUnit.NANOSECONDS) && System.nanoTime() < this.deadline;
	}

	/**
	 * Return how many faults have happened.
	 */
	int total() {
		return this.total.get();
	}

	Map<String, Integer> byKind() {
		return this.happened;
	}

	/**
	 * Return how many could not be made, by kind and reason.
	 */
	Map<String, Integer> failures() {
		return this.failed;
	}

}
