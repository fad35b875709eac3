package io.github.crdbspring.transaction.outcome;

import java.time.Duration;

import org.springframework.util.Assert;

/**
 * How outcomes are found out.
 *
 * @param resolveTimeout how long one is tried to be found out, positive
 * @param retention how long the marks of transactions are kept; 0 for ever
 * @since 0.1.0
 */
public record OutcomeSettings(Duration resolveTimeout, Duration retention) {

	private static final OutcomeSettings DEFAULTS = new OutcomeSettings(Duration.ofSeconds(30), Duration.ofDays(1));

	public OutcomeSettings {
		Assert.isTrue(!resolveTimeout.isNegative() && !resolveTimeout.isZero(),
				() -> "'resolveTimeout' must be positive, but is " + resolveTimeout);
		Assert.isTrue(retention.isZero() || retention.compareTo(Duration.ofMinutes(10)) >= 0,
				() -> "'retention' must be at least 10 minutes, or 0 to keep the marks for ever, but is " + retention);
	}

	/**
	 * Return the default: 30 seconds to find out, marks are kept for a day.
	 * @return the default settings
	 */
	public static OutcomeSettings defaults() {
		return DEFAULTS;
	}

}
