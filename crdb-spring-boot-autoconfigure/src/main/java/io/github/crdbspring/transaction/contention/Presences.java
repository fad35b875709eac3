package io.github.crdbspring.transaction.contention;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Who is under way with which key, so that it can be told with whom an attempt may have
 * been in conflict: with those that were under way at the same time. As large as the
 * number of attempts under way, times their keys. Not thread-safe.
 */
final class Presences {

	private final Map<Long, Presence> byKey = new HashMap<>();

	/**
	 * Enter with a key.
	 * @param number the number of the attempt, higher than all before
	 * @return whether somebody else is there
	 */
	boolean enter(long key, long number) {
		Presence presence = this.byKey.computeIfAbsent(key, (absent) -> new Presence());
		presence.latest = number;
		return presence.count++ > 0;
	}

	/**
	 * Leave with a key.
	 * @return whether somebody else has come meanwhile, be it still there or not
	 */
	boolean leave(long key, long number) {
		@Nullable Presence presence = this.byKey.get(key);
		if (presence == null) {
			return false;
		}
		boolean others = presence.latest != number;
		if (--presence.count == 0) {
			this.byKey.remove(key);
		}
		return others;
	}

	/**
	 * Those that are there with one key.
	 */
	private static final class Presence {

		private int count;

		private long latest;

	}

}
