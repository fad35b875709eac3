package io.github.crdbspring.contention;

import java.util.Locale;
import java.util.Map;

/**
 * What all callers of a load have seen in one run, or in all its repetitions.
 *
 * @param throughput commits per second
 * @param retries how many attempts were not the first of their call
 * @param latencies how many nanoseconds each successful call took, in ascending order
 * @param failures how often which exception reached a caller
 */
record Measurement(double throughput, long retries, long[] latencies, Map<String, Integer> failures) {

	double retriesPerCommit() {
		return this.retries / (double) this.latencies.length;
	}

	/**
	 * Return the milliseconds that this share of the calls took at most.
	 */
	double percentile(double share) {
		int count = this.latencies.length;
		return (count == 0) ? Double.NaN : this.latencies[Math.max(0, (int) Math.ceil(share * count) - 1)] / 1e6;
	}

	double p50() {
		return percentile(0.5);
	}

	double p99() {
		return percentile(0.99);
	}

	double max() {
		return percentile(1);
	}

	String summary() {
		return String.format(Locale.ROOT,
				"%.1f/s, %.2f retries per commit, p50 %.1f ms, p99 %.1f ms, max %.1f ms, failures %s", this.throughput,
				retriesPerCommit(), p50(), p99(), max(), this.failures);
	}

	int failureCount() {
		return this.failures.values().stream().mapToInt(Integer::intValue).sum();
	}

}
