package io.github.crdbspring.compatibility.repository;

import java.util.concurrent.atomic.AtomicReference;

/**
 * What happens once while an owner is being saved.
 */
final class Interference {

	private static final AtomicReference<Runnable> next = new AtomicReference<>();

	private Interference() {
	}

	static void prepare(Runnable action) {
		next.set(action);
	}

	static void now() {
		Runnable action = next.getAndSet(null);
		if (action != null) {
			action.run();
		}
	}

}
