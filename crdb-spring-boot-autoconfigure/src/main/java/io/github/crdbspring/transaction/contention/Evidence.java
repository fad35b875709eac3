package io.github.crdbspring.transaction.contention;

import java.util.function.LongPredicate;

import org.jspecify.annotations.Nullable;

/**
 * What the ends of attempts tell about the causes of conflicts: who was under way with
 * which key at the same time, which keys conflicts concentrate on, and how many conflicts
 * have nothing to do with any of them.
 * <p>
 * Invariant: each attempt that has entered is counted in {@link Presences} until it
 * leaves. Guarded by the lock of its admission.
 */
final class Evidence {

	private static final boolean[] UNKNOWN = {};

	private final double tolerance;

	private final int toleratedShare;

	private final LongPredicate limited;

	private final Presences presences = new Presences();

	private Suspects suspects;

	/**
	 * Which share of the latest attempts ended in conflict for a reason that is not a
	 * key.
	 */
	private int unexplainedShare;

	private long attempts;

	/**
	 * Create evidence of nothing.
	 * @param tolerance which share of attempts may be in conflict
	 * @param limited whether a key, or {@link Admission#NAME}, has a limit
	 */
	Evidence(double tolerance, LongPredicate limited) {
		this.tolerance = tolerance;
		this.toleratedShare = ConflictShare.of(tolerance);
		this.limited = limited;
		this.suspects = new Suspects(tolerance);
	}

	/**
	 * Forget all but who is under way.
	 */
	void forget() {
		this.suspects = new Suspects(this.tolerance);
		this.unexplainedShare = 0;
	}

	/**
	 * An attempt begins.
	 * @return with whom, for each of its keys and for the name
	 */
	Entry enter(CallKeys keys) {
		long number = ++this.attempts;
		long[] hashes = keys.hashes();
		boolean[] shared = new boolean[hashes.length + 1];
		for (int i = 0; i < shared.length; i++) {
			shared[i] = this.presences.enter(key(hashes, i), number);
		}
		return new Entry(number, shared);
	}

	/**
	 * An attempt ends.
	 * @param entry of its begin, {@link Entry#NONE} if nothing was kept of that
	 */
	Finding leave(Entry entry, CallKeys keys, AttemptEnd end) {
		long[] hashes = keys.hashes();
		boolean[] shared = UNKNOWN;
		if (entry != Entry.NONE) {
			shared = new boolean[hashes.length + 1];
			for (int i = 0; i < shared.length; i++) {
				shared[i] = this.presences.leave(key(hashes, i), entry.number()) || entry.shared()[i];
			}
		}
		boolean[] blamed = (end == AttemptEnd.CONFLICT) ? blame(hashes, shared) : UNKNOWN;
		boolean explained = false;
		for (int i = 0; i < blamed.length; i++) {
			explained = explained || (blamed[i] && this.limited.test(hashes[i]));
		}
		return new Finding(hashes, shared, blamed, explained, end);
	}

	private static long key(long[] hashes, int index) {
		return (index < hashes.length) ? hashes[index] : Admission.NAME;
	}

	/**
	 * Say which keys a conflict may be about: those that another attempt had as well, or
	 * if there was none, all of them, as whoever it was is not seen here; but none that
	 * nearly all calls have.
	 */
	private boolean[] blame(long[] hashes, boolean[] shared) {
		boolean[] blamed = new boolean[hashes.length];
		boolean any = false;
		for (int i = 0; i < hashes.length; i++) {
			blamed[i] = shared != UNKNOWN && shared[i] && !isCommon(hashes[i]);
			any = any || blamed[i];
		}
		for (int i = 0; i < hashes.length && !any; i++) {
			blamed[i] = !isCommon(hashes[i]);
		}
		return blamed;
	}

	private boolean isCommon(long key) {
		return !this.limited.test(key) && this.suspects.isCommon(key);
	}

	/**
	 * Take what was found as evidence.
	 * @return the key that conflicts are about, {@link Admission#NAME} if it is none and
	 * they are too many, {@code null} if there is nothing new to be limited
	 */
	@Nullable Long take(Finding finding, CallKeys keys) {
		if (finding.end == AttemptEnd.OTHER) {
			return null;
		}
		if (keys.judgeOnce()) {
			count(finding);
		}
		if (finding.end == AttemptEnd.COMMIT) {
			this.unexplainedShare = ConflictShare.after(AttemptEnd.COMMIT, this.unexplainedShare);
			return null;
		}
		return finding.explained ? null : cause(finding, keys.areNamed());
	}

	private void count(Finding finding) {
		boolean conflict = finding.end == AttemptEnd.CONFLICT;
		this.suspects.addCall(conflict);
		for (int i = 0; i < finding.hashes.length; i++) {
			// Also of one that nearly all have, which may change
			this.suspects.addKey(finding.hashes[i],
					conflict && (finding.blamed[i] || finding.shared == UNKNOWN || finding.shared[i]));
		}
	}

	private @Nullable Long cause(Finding finding, boolean named) {
		int guilty = -1;
		int pending = -1;
		for (int i = 0; i < finding.hashes.length; i++) {
			long key = finding.hashes[i];
			if (finding.blamed[i]) {
				guilty = (this.suspects.isGuilty(key, named) && isWorse(finding, i, guilty)) ? i : guilty;
				pending = (this.suspects.isPending(key) && isWorse(finding, i, pending)) ? i : pending;
			}
		}
		if (pending >= 0 && isWorse(finding, pending, guilty)) {
			// One more conflict will tell
			return null;
		}
		return (guilty >= 0) ? finding.hashes[guilty] : Admission.NAME;
	}

	private boolean isWorse(Finding finding, int index, int than) {
		return than < 0 || this.suspects.share(finding.hashes[index]) > this.suspects.share(finding.hashes[than]);
	}

	/**
	 * A conflict is not explained by a key.
	 * @return whether such conflicts are more than is tolerated
	 */
	boolean addUnexplained() {
		this.unexplainedShare = ConflictShare.after(AttemptEnd.CONFLICT, this.unexplainedShare);
		return this.unexplainedShare > this.toleratedShare;
	}

	/**
	 * Return which share of the latest attempts ended in conflict for a reason that is
	 * not a key.
	 */
	int unexplainedShare() {
		return this.unexplainedShare;
	}

	/**
	 * What was not explained may have been about a key that has been found.
	 */
	void explainAll() {
		this.unexplainedShare = 0;
	}

	/**
	 * An attempt that is under way.
	 *
	 * @param number higher than that of all before
	 * @param shared whether others were under way with the same key when it began, for
	 * each of its keys and the name after them
	 */
	record Entry(long number, boolean[] shared) {

		/**
		 * That of attempts which began while nothing was in conflict.
		 */
		static final Entry NONE = new Entry(0, UNKNOWN);

	}

	/**
	 * What the end of one attempt tells.
	 */
	static final class Finding {

		private final long[] hashes;

		private final boolean[] shared;

		private final boolean[] blamed;

		private final boolean explained;

		private final AttemptEnd end;

		private Finding(long[] hashes, boolean[] shared, boolean[] blamed, boolean explained, AttemptEnd end) {
			this.hashes = hashes;
			this.shared = shared;
			this.blamed = blamed;
			this.explained = explained;
			this.end = end;
		}

		/**
		 * Return how the attempt ended as far as a key, or {@link Admission#NAME}, is
		 * concerned: a conflict only if it may be about that.
		 */
		AttemptEnd endFor(long key) {
			if (this.end != AttemptEnd.CONFLICT) {
				return this.end;
			}
			int index = indexOf(key);
			boolean concerned = (index < this.hashes.length) ? this.blamed[index] : !this.explained;
			return concerned ? AttemptEnd.CONFLICT : AttemptEnd.OTHER;
		}

		/**
		 * Whether no other attempt with a key, or at all, was under way meanwhile.
		 */
		boolean isAlone(long key) {
			return this.shared != UNKNOWN && !this.shared[indexOf(key)];
		}

		/**
		 * Return the index of a key, that after all keys for {@link Admission#NAME}.
		 */
		private int indexOf(long key) {
			int index = 0;
			while (index < this.hashes.length && this.hashes[index] != key) {
				index++;
			}
			return index;
		}

	}

}
