package io.github.crdbspring.transaction;

import java.time.Duration;

/**
 * Waits between two attempts, and tells the time. Infrastructure of this library's test
 * kit, no API for applications: there the thread sleeps.
 * <p>
 * Implementations have to be thread-safe.
 *
 * @since 0.1.0
 * @see CrdbTransactionSettings.Builder#sleeper(BackoffSleeper)
 */
@FunctionalInterface
public interface BackoffSleeper {

	/**
	 * Wait.
	 * @param pause how long
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	void sleep(Duration pause) throws InterruptedException;

	/**
	 * Return the time by which timeouts are measured, for who skips time instead of
	 * waiting. Called on the transaction's thread.
	 * @return nanoseconds as of {@link System#nanoTime()}
	 */
	default long nanoTime() {
		return System.nanoTime();
	}

}
