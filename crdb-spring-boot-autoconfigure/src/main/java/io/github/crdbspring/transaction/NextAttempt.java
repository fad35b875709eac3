package io.github.crdbspring.transaction;

import java.time.Duration;

/**
 * Says that an attempt failed and another one follows, and after which pause. Never
 * leaves this package.
 */
@SuppressWarnings("serial")
final class NextAttempt extends Exception {

	private final Duration pause;

	NextAttempt(Duration pause) {
		super(null, null, false, false);
		this.pause = pause;
	}

	Duration pause() {
		return this.pause;
	}

}
