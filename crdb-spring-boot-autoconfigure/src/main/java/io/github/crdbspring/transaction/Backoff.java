package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

import io.github.crdbspring.transaction.contention.BackoffSettings;

/**
 * Computes the pauses between attempts, and waits.
 */
final class Backoff {

	private final BackoffSettings settings;

	private final BackoffSettings settingsAfterConflict;

	private final DoubleSupplier random;

	private final BackoffSleeper sleeper;

	private final LongSupplier clock;

	Backoff(BackoffSettings settings) {
		this(settings, settings);
	}

	/**
	 * Create a backoff that pauses differently after a conflict of a transaction whose
	 * attempts are limited.
	 */
	Backoff(BackoffSettings settings, BackoffSettings settingsAfterConflict) {
		this(settings, settingsAfterConflict, Backoff::sleepReally);
	}

	/**
	 * Create a backoff that waits in its own way.
	 */
	Backoff(BackoffSettings settings, BackoffSettings settingsAfterConflict, BackoffSleeper sleeper) {
		this(settings, settingsAfterConflict, () -> ThreadLocalRandom.current().nextDouble(), sleeper);
	}

	/**
	 * Create a backoff with its own chance and time.
	 * @param settings the intervals and their jitter
	 * @param random gives a number from 0 (inclusive) to 1 (exclusive)
	 * @param sleeper waits
	 */
	Backoff(BackoffSettings settings, DoubleSupplier random, Sleeper sleeper) {
		this(settings, settings, random, sleeper);
	}

	Backoff(BackoffSettings settings, BackoffSettings settingsAfterConflict, DoubleSupplier random,
			BackoffSleeper sleeper) {
		this.settings = settings;
		this.settingsAfterConflict = settingsAfterConflict;
		this.random = random;
		this.sleeper = sleeper;
		this.clock = sleeper::nanoTime;
	}

	Duration pauseAfter(int failures) {
		return pause(this.settings, failures);
	}

	/**
	 * Compute the pause after a conflict of a transaction whose attempts are limited. It
	 * can be short, since the limit already keeps the attempts apart.
	 */
	Duration pauseAfterConflict(int failures) {
		return pause(this.settingsAfterConflict, failures);
	}

	/**
	 * Compute the pause after a conflict of an attempt that a limit counted. It does not
	 * grow, unless pauses are set by the user: the limit keeps the attempts apart, and
	 * whoever has failed often is not to come back later than others for it.
	 */
	Duration pauseWithinLimit(int failures) {
		return pauseAfterConflict((this.settingsAfterConflict != this.settings) ? 1 : failures);
	}

	private Duration pause(BackoffSettings settings, int failures) {
		double interval = Math.min(nanos(settings.initialInterval()) * Math.pow(settings.multiplier(), failures - 1),
				nanos(settings.maxInterval()));
		return Duration.ofNanos((long) (interval * (1 - settings.jitter() * this.random.getAsDouble())));
	}

	void sleep(Duration pause) throws InterruptedException {
		this.sleeper.sleep(pause);
	}

	/**
	 * Return the clock by which timeouts are measured.
	 */
	LongSupplier clock() {
		return this.clock;
	}

	static void sleepReally(Duration pause) throws InterruptedException {
		Thread.sleep(pause.toMillis(), pause.toNanosPart() % 1_000_000);
	}

	private static double nanos(Duration duration) {
		return duration.getSeconds() * 1e9 + duration.getNano();
	}

	/**
	 * Waits for a time.
	 */
	interface Sleeper extends BackoffSleeper {

	}

}
