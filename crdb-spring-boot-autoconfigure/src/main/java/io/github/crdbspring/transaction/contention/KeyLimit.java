package io.github.crdbspring.transaction.contention;

import java.util.TreeSet;

/**
 * A limit in force, of a key or of the name, and those who wait for it, the oldest call
 * first. Guarded by the lock of its admission.
 */
final class KeyLimit {

	private final long key;

	private final AdaptiveLimit limit;

	private final TreeSet<Waiter> queue = new TreeSet<>(Waiter.BY_AGE);

	KeyLimit(long key, AdaptiveLimit limit) {
		this.key = key;
		this.limit = limit;
	}

	/**
	 * Return the hash of the key, {@link Admission#NAME} for the name.
	 */
	long key() {
		return this.key;
	}

	AdaptiveLimit limit() {
		return this.limit;
	}

	TreeSet<Waiter> queue() {
		return this.queue;
	}

	/**
	 * Whether somebody may begin: there is room, and nobody older has been overtaken so
	 * often that the room is kept for it.
	 */
	boolean admits(Waiter waiter, long now) {
		return this.limit.hasRoom(now) && (this.queue.isEmpty() || this.queue.first() == waiter
				|| Waiter.BY_AGE.compare(waiter, this.queue.first()) < 0 || !this.queue.first().isOverdue(now));
	}

	/**
	 * Whether it limits nothing any more.
	 */
	boolean isOver(long now) {
		return this.queue.isEmpty() && this.limit.isOver(now);
	}

}
