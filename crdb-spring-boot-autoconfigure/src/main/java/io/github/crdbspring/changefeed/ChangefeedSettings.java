package io.github.crdbspring.changefeed;

import java.time.Duration;

import org.springframework.util.Assert;

/**
 * What is common to the containers of an application. Immutable.
 *
 * @param resolvedInterval how often the server is asked to say that it has sent
 * everything up to a time, at least 100 ms
 * @param leaseDuration how long the instance that consumes may be silent until another
 * one takes over
 * @param maxBufferedRows how many rows of a feed are kept in memory at most
 * @param maxBufferedBytes how many bytes of them are kept in memory at most
 * @param checkpointInterval how often a position is stored while nothing happens
 * @param shutdownTimeout how long a stop waits for the listener method
 * @param reconnect the pauses before a feed is opened again
 * @param retry the pauses before a listener is called again
 * @since 0.1.0
 */
public record ChangefeedSettings(Duration resolvedInterval, Duration leaseDuration, int maxBufferedRows,
		long maxBufferedBytes, Duration checkpointInterval, Duration shutdownTimeout, Pauses reconnect, Pauses retry) {

	/**
	 * Rows of an initial scan that one call gets at most, where it takes a list.
	 */
	static final int SCAN_ROWS = 100;

	/**
	 * Create new settings.
	 */
	public ChangefeedSettings {
		Assert.isTrue(resolvedInterval.toMillis() >= 100,
				() -> "'resolvedInterval' must be at least 100ms, but is " + resolvedInterval);
		Assert.isTrue(leaseDuration.toMillis() >= 1000,
				() -> "'leaseDuration' must be at least 1s, but is " + leaseDuration);
		Assert.isTrue(maxBufferedRows > 0, () -> "'maxBufferedRows' must be positive, but is " + maxBufferedRows);
		Assert.isTrue(maxBufferedBytes > 0, () -> "'maxBufferedBytes' must be positive, but is " + maxBufferedBytes);
		Assert.isTrue(!checkpointInterval.isNegative(),
				() -> "'checkpointInterval' must not be negative, but is " + checkpointInterval);
		Assert.isTrue(!shutdownTimeout.isNegative(),
				() -> "'shutdownTimeout' must not be negative, but is " + shutdownTimeout);
	}

	/**
	 * Return the defaults: a resolved timestamp each second, a lease of 15 s, 100,000
	 * rows or 64 MiB, a position each 10 s, 10 s for a stop, pauses from 0.5 s to 30 s.
	 * @return the default settings
	 */
	public static ChangefeedSettings defaults() {
		return new ChangefeedSettings(Duration.ofSeconds(1), Duration.ofSeconds(15), 100_000, 64L << 20,
				Duration.ofSeconds(10), Duration.ofSeconds(10),
				new Pauses(Duration.ofMillis(500), Duration.ofSeconds(30)),
				new Pauses(Duration.ofMillis(500), Duration.ofSeconds(30)));
	}

	/**
	 * Return how long a feed may be silent until it is taken for dead.
	 */
	Duration silence() {
		return this.resolvedInterval.multipliedBy(3).plusSeconds(10);
	}

	/**
	 * Pauses that double, with a random part.
	 *
	 * @param initial the first one
	 * @param max the longest one
	 */
	public record Pauses(Duration initial, Duration max) {

		/**
		 * Create new pauses.
		 */
		public Pauses {
			Assert.isTrue(initial.toMillis() > 0, () -> "'initial' must be at least 1ms, but is " + initial);
			Assert.isTrue(max.compareTo(initial) >= 0,
					() -> "'max' must not be shorter than 'initial', but is " + max + " and " + initial);
		}

		/**
		 * Return the pause after a number of failures, at least half of the nominal one.
		 */
		Duration after(int failures, double random) {
			double nominal = Math.min(this.initial.toMillis() * Math.pow(2, Math.min(failures - 1, 30)),
					this.max.toMillis());
			return Duration.ofMillis(Math.max(1, (long) (nominal * (0.5 + random / 2))));
		}

	}

}
