package io.github.crdbspring.test;

import java.time.Duration;

/**
 * The time of a thread that passes without being waited for.
 */
final class SkippedTime {

	private static final ThreadLocal<Long> skipped = ThreadLocal.withInitial(() -> 0L);

	private SkippedTime() {
	}

	/**
	 * Let time pass.
	 */
	static void skip(Duration time) {
		skipped.set(skipped.get() + time.toNanos());
	}

	static long nanoTime() {
		return System.nanoTime() + skipped.get();
	}

}
