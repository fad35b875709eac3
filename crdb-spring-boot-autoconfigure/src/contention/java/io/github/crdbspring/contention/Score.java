package io.github.crdbspring.contention;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The repetitions of one contender under one load.
 *
 * @param contender who it was
 * @param repetitions what was measured in each
 * @param total all of them as one: mean throughput, and all calls
 */
record Score(Contender contender, List<Measurement> repetitions, Measurement total) {

	static Score of(Contender contender, List<Measurement> repetitions) {
		Map<String, Integer> failures = new TreeMap<>();
		repetitions.forEach((repetition) -> repetition.failures()
			.forEach((type, count) -> failures.merge(type, count, Integer::sum)));
		long[] latencies = repetitions.stream()
			.flatMapToLong((repetition) -> LongStream.of(repetition.latencies()))
			.sorted()
			.toArray();
		return new Score(contender, repetitions,
				new Measurement(repetitions.stream().mapToDouble(Measurement::throughput).average().orElse(0),
						repetitions.stream().mapToLong(Measurement::retries).sum(), latencies, failures));
	}

	DoubleSummaryStatistics throughputs() {
		return this.repetitions.stream().mapToDouble(Measurement::throughput).summaryStatistics();
	}

	/**
	 * Return the 99th percentile of the worst repetition.
	 */
	double highestP99() {
		return this.repetitions.stream().mapToDouble(Measurement::p99).max().orElse(Double.NaN);
	}

}
