package io.github.crdbspring.contention;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Lets time pass.
 */
final class Sleep {

	private Sleep() {
	}

	static void of(Duration duration) {
		if (duration.isZero()) {
			return;
		}
		try {
			TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("The benchmark was interrupted", ex);
		}
	}

}
