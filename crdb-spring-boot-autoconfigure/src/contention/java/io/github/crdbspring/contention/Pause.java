package io.github.crdbspring.contention;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait after a failed attempt.
 */
interface Pause {

	/**
	 * Not at all.
	 */
	Pause NONE = (failures) -> Duration.ZERO;

	/**
	 * Return the pause after a failure.
	 * @param failures how many attempts have failed, at least 1
	 */
	Duration after(int failures);

	/**
	 * A random share of an interval that doubles with each failure.
	 */
	static Pause jittered(Duration initial, Duration max) {
		return (failures) -> {
			double interval = Math.min(max.toNanos(), initial.toNanos() * Math.pow(2, failures - 1));
			return Duration.ofNanos((long) (interval * ThreadLocalRandom.current().nextDouble()));
		};
	}

}
