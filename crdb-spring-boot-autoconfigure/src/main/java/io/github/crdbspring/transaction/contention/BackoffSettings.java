package io.github.crdbspring.transaction.contention;

import java.time.Duration;

import org.springframework.util.Assert;

/**
 * The pauses between the attempts of a transaction: exponential, with jitter. The pause
 * after the n-th failure is uniformly distributed over
 * {@code ((1 - jitter) * interval, interval]}, where the interval is
 * {@code initialInterval * multiplier^(n-1)}, but not above {@code maxInterval}.
 *
 * @param initialInterval the interval after the first failure, not negative
 * @param multiplier what the interval is multiplied by after each further failure, at
 * least 1
 * @param maxInterval the longest interval, not negative
 * @param jitter the random share of the interval, from 0 (none) to 1 (all of it)
 * @since 0.1.0
 */
public record BackoffSettings(Duration initialInterval, double multiplier, Duration maxInterval, double jitter) {

	public BackoffSettings {
		Assert.isTrue(!initialInterval.isNegative(),
				() -> "'initialInterval' must not be negative, but is " + initialInterval);
		Assert.isTrue(multiplier >= 1 && Double.isFinite(multiplier),
				() -> "'multiplier' must be at least 1, but is " + multiplier);
		Assert.isTrue(!maxInterval.isNegative(), () -> "'maxInterval' must not be negative, but is " + maxInterval);
		Assert.isTrue(jitter >= 0 && jitter <= 1, () -> "'jitter' must be between 0 and 1, but is " + jitter);
	}

	/**
	 * Return the default: from 50 ms, doubled up to 2 s, with full jitter.
	 * @return the default settings
	 */
	public static BackoffSettings defaults() {
		return new BackoffSettings(Duration.ofMillis(50), 2, Duration.ofSeconds(2), 1);
	}

}
