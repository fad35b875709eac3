package io.github.crdbspring.contention;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * What one caller has seen.
 */
final class Tally {

	private long committed;

	private long committedInWindow;

	private long retries;

	private long[] latencies = new long[1024];

	private int succeeded;

	private final Map<String, Integer> failures = new TreeMap<>();

	/**
	 * Count a commit, be it in the window or not.
	 */
	void committed(boolean inWindow) {
		this.committed++;
		if (inWindow) {
			this.committedInWindow++;
		}
	}

	/**
	 * Note a call that began in the window.
	 */
	void succeeded(long latency, int attempts) {
		if (this.succeeded == this.latencies.length) {
			this.latencies = Arrays.copyOf(this.latencies, 2 * this.succeeded);
		}
		this.latencies[this.succeeded++] = latency;
		this.retries += attempts - 1;
	}

	/**
	 * Count a failure that reached the caller, be it in the window or not.
	 */
	void failed(Exception failure, boolean measured, int attempts) {
		this.failures.merge(failure.getClass().getSimpleName(), 1, Integer::sum);
		if (measured) {
			this.retries += Math.max(0, attempts - 1);
		}
	}

	long committed() {
		return this.committed;
	}

	static Measurement sum(Collection<Tally> tallies, Window window) {
		long[] latencies = tallies.stream()
			.flatMapToLong((tally) -> LongStream.of(tally.latencies).limit(tally.succeeded))
			.sorted()
			.toArray();
		Map<String, Integer> failures = new TreeMap<>();
		tallies.forEach((tally) -> tally.failures.forEach((type, count) -> failures.merge(type, count, Integer::sum)));
		return new Measurement(tallies.stream().mapToLong((tally) -> tally.committedInWindow).sum() / window.seconds(),
				tallies.stream().mapToLong((tally) -> tally.retries).sum(), latencies, failures);
	}

}
