package io.github.crdbspring.sample.load;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Counts what became of transfers. Each thread has its own, so nothing is shared.
 */
class LoadTally {

	private static final double NANOS_PER_MILLI = Duration.ofMillis(1).toNanos();

	private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

	private final LongStream.Builder latencies = LongStream.builder();

	private int committed;

	private int refused;

	private int failed;

	private long retries;

	private int maxAttempts;

	void committed(long nanos) {
		this.committed++;
		this.latencies.add(nanos);
	}

	void refused() {
		this.refused++;
	}

	void failed() {
		this.failed++;
	}

	void attempts(int attempts) {
		this.retries += Math.max(attempts - 1, 0);
		this.maxAttempts = Math.max(this.maxAttempts, attempts);
	}

	/**
	 * Put the counts of all threads together.
	 */
	static LoadReport report(List<LoadTally> tallies, long nanos, BigDecimal totalBefore, BigDecimal totalAfter) {
		int committed = tallies.stream().mapToInt((tally) -> tally.committed).sum();
		long[] latencies = tallies.stream().flatMapToLong((tally) -> tally.latencies.build()).sorted().toArray();
		return new LoadReport(committed, tallies.stream().mapToLong((tally) -> tally.retries).sum(),
				tallies.stream().mapToInt((tally) -> tally.refused).sum(),
				tallies.stream().mapToInt((tally) -> tally.failed).sum(),
				tallies.stream().mapToInt((tally) -> tally.maxAttempts).max().orElse(0),
				oneDecimal(committed * NANOS_PER_SECOND / nanos), percentileMillis(latencies, 50),
				percentileMillis(latencies, 99), totalBefore, totalAfter);
	}

	/**
	 * The nearest rank: the smallest value that so many per cent do not exceed; 0 if
	 * there are none.
	 */
	private static double percentileMillis(long[] sorted, int percent) {
		if (sorted.length == 0) {
			return 0;
		}
		int rank = (int) Math.ceil(sorted.length * percent / 100.0);
		return oneDecimal(sorted[rank - 1] / NANOS_PER_MILLI);
	}

	private static double oneDecimal(double value) {
		return Math.round(value * 10) / 10.0;
	}

}
