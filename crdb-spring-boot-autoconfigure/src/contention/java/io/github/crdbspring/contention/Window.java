package io.github.crdbspring.contention;

import java.time.Duration;

/**
 * The time that is measured, after the warm-up.
 *
 * @param begin its begin, in the nanoseconds of {@link System#nanoTime()}
 * @param end its end
 */
record Window(long begin, long end) {

	static Window after(Duration warmUp, Duration length) {
		long begin = System.nanoTime() + warmUp.toNanos();
		return new Window(begin, begin + length.toNanos());
	}

	boolean contains(long instant) {
		return instant - this.begin >= 0 && !isOver(instant);
	}

	boolean isOver(long instant) {
		return instant - this.end >= 0;
	}

	double seconds() {
		return (this.end - this.begin) / 1e9;
	}

}
