package io.github.crdbspring.sample.load;

import java.math.BigDecimal;

/**
 * What became of a load.
 *
 * @param committed transfers that were carried out
 * @param retries attempts that had to be repeated, of all transfers
 * @param refused transfers that the account could not cover
 * @param failed transfers that were given up, or whose outcome is unknown
 * @param maxAttempts the most attempts that one transfer needed
 * @param throughput committed transfers per second
 * @param p50Millis what half of the committed transfers took at most, retries included
 * @param p99Millis what 99 of 100 committed transfers took at most, retries included
 * @param totalBefore what was in the accounts before the load
 * @param totalAfter what is in them after it
 */
public record LoadReport(int committed, long retries, int refused, int failed, int maxAttempts, double throughput,
		double p50Millis, double p99Millis, BigDecimal totalBefore, BigDecimal totalAfter) {

	// Not public: it would be a property of the JSON
	boolean isTotalUnchanged() {
		return this.totalBefore.compareTo(this.totalAfter) == 0;
	}

}
