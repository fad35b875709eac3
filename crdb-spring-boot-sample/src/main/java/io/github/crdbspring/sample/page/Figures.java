package io.github.crdbspring.sample.page;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * How transfers fare at one moment. What is not known at that moment is {@code null}.
 *
 * @param time when, in milliseconds since the epoch
 * @param throughput transfers that were committed, per second
 * @param retries attempts that were repeated, per second
 * @param attempts how many attempts a transfer took in the mean
 * @param p50 milliseconds that half of those of the last seconds took at most
 * @param p99 milliseconds that 99 of 100 took at most
 * @param limit how many attempts may be under way at once
 * @param waiting how many callers wait because of that limit
 * @param totals what has happened so far
 * @param histogram how many transfers took how many attempts
 * @param lastFailure the last failure of an attempt
 */
record Figures(long time, double throughput, double retries, @Nullable Double attempts, @Nullable Double p50,
		@Nullable Double p99, @Nullable Double limit, int waiting, Totals totals, Map<String, Long> histogram,
		@Nullable String lastFailure) {

}
