package io.github.crdbspring.transaction.contention;

import org.jspecify.annotations.Nullable;

/**
 * Finds the keys on which conflicts concentrate. A key is one on which at least
 * {@link #ENOUGH} calls were in conflict, and calls with it were so more often than is
 * tolerated, and more than {@link #LIFT} times as often as calls without it; a key that
 * calls name needs no such comparison.
 * <p>
 * Only keys that were in conflict are counted, in {@link #SLOTS} places: one that is
 * taken is given up to another key when as many others have asked for it as there were
 * conflicts on it. Not thread-safe.
 */
final class Suspects {

	/**
	 * Some 10 kB for each name that has conflicts, and many more than keys that can be
	 * hot at once.
	 */
	private static final int SLOTS = 256;

	/**
	 * Two may be chance, and more than three delay what is plain to see.
	 */
	static final int ENOUGH = 3;

	/**
	 * Fewer calls without the key tell nothing about what is normal.
	 */
	static final int ENOUGH_OTHERS = 8;

	/**
	 * What is in conflict twice as often as the rest stands out; an argument that most
	 * calls have, or that has nothing to do with it, does not.
	 */
	static final double LIFT = 2;

	/**
	 * Which share of calls is nearly all of them.
	 */
	private static final double COMMON = 0.75;

	/**
	 * After so many calls with a key all its counts are halved, so that what was true
	 * long ago counts little.
	 */
	private static final int WINDOW = 64;

	private final double tolerance;

	private final @Nullable Suspect[] suspects = new @Nullable Suspect[SLOTS];

	private long calls;

	private long conflicts;

	Suspects(double tolerance) {
		this.tolerance = tolerance;
	}

	/**
	 * A call ended its first attempt.
	 * @param conflict whether in conflict
	 */
	void addCall(boolean conflict) {
		this.calls++;
		this.conflicts += conflict ? 1 : 0;
	}

	/**
	 * The same call had a key.
	 * @param conflict whether it was in conflict with others of that key
	 */
	void addKey(long key, boolean conflict) {
		Suspect suspect = find(key);
		if (suspect == null && conflict) {
			suspect = place(key);
		}
		if (suspect != null) {
			suspect.calls++;
			suspect.conflicts += conflict ? 1 : 0;
			if (suspect.calls >= WINDOW) {
				suspect.halve(this.calls, this.conflicts);
			}
		}
	}

	private @Nullable Suspect place(long key) {
		int slot = slot(key);
		Suspect resident = this.suspects[slot];
		if (resident != null && --resident.conflicts > 0) {
			return null;
		}
		// As of before the call that brings it here
		Suspect suspect = new Suspect(key, this.calls - 1, this.conflicts - 1);
		this.suspects[slot] = suspect;
		return suspect;
	}

	private @Nullable Suspect find(long key) {
		Suspect suspect = this.suspects[slot(key)];
		return (suspect != null && suspect.key == key) ? suspect : null;
	}

	private static int slot(long key) {
		return (int) (key & (SLOTS - 1));
	}

	/**
	 * Whether nearly all calls have a key, so that it says nothing that the name does
	 * not.
	 */
	boolean isCommon(long key) {
		Suspect suspect = find(key);
		return suspect != null && suspect.conflicts >= ENOUGH
				&& suspect.calls > COMMON * (this.calls - suspect.callsBefore);
	}

	/**
	 * Whether there has been a conflict before, but not enough of them to decide.
	 */
	boolean isPending(long key) {
		Suspect suspect = find(key);
		return suspect != null && suspect.conflicts > 1 && suspect.conflicts < ENOUGH;
	}

	/**
	 * Whether a key is the cause of conflicts.
	 * @param named whether calls name it
	 */
	boolean isGuilty(long key, boolean named) {
		Suspect suspect = find(key);
		return suspect != null && suspect.conflicts >= ENOUGH && isGuilty(suspect, named);
	}

	/**
	 * Return which share of calls with the key were in conflict.
	 */
	double share(long key) {
		Suspect suspect = find(key);
		return (suspect != null) ? suspect.share() : 0;
	}

	private boolean isGuilty(Suspect suspect, boolean named) {
		if (suspect.share() <= this.tolerance) {
			return false;
		}
		if (named) {
			return true;
		}
		long others = this.calls - suspect.callsBefore - suspect.calls;
		long othersInConflict = Math.max(0, this.conflicts - suspect.conflictsBefore - suspect.conflicts);
		// As if one more of them had been in conflict: none of a few does not mean never
		return others >= ENOUGH_OTHERS && suspect.share() > LIFT * (othersInConflict + 1) / (others + ENOUGH_OTHERS);
	}

	/**
	 * A key that has been in conflict.
	 */
	private static final class Suspect {

		private final long key;

		private long callsBefore;

		private long conflictsBefore;

		private int calls;

		private int conflicts;

		Suspect(long key, long callsBefore, long conflictsBefore) {
			this.key = key;
			this.callsBefore = callsBefore;
			this.conflictsBefore = conflictsBefore;
		}

		double share() {
			return this.conflicts / (double) this.calls;
		}

		void halve(long allCalls, long allConflicts) {
			this.callsBefore += (allCalls - this.callsBefore) / 2;
			this.conflictsBefore += (allConflicts - this.conflictsBefore) / 2;
			this.calls /= 2;
			this.conflicts /= 2;
		}

	}

}
