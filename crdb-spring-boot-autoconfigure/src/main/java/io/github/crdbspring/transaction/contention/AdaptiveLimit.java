package io.github.crdbspring.transaction.contention;

import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * How many attempts may be under way at once, learnt from how they end: additive increase
 * on commits, multiplicative decrease on conflicts that are not tolerated. What is
 * tolerated follows from their {@link Slowdown}.
 * <p>
 * A limit below one is a rate: one attempt at a time, and after it a pause that makes the
 * attempts take up that part of the time. It falls so low only by conflicts with attempts
 * that it does not count, as those of other instances, and stays there as long as there
 * are any.
 * <p>
 * Invariant: {@code held} is the number of attempts that have a place, {@code above} of
 * those that were let in without one; each is taken off again exactly once. Times are
 * those of {@link System#nanoTime()}. Not thread-safe.
 */
final class AdaptiveLimit {

	/**
	 * After so many commits without a conflict and without anybody who had to wait, the
	 * limit limits nothing any more.
	 */
	static final int QUIET_COMMITS = 32;

	/**
	 * After so long without any attempt nothing is known about contention any more.
	 */
	static final long IDLE_NANOS = 10_000_000_000L;

	/**
	 * What an instance that shares with others leaves to them in any case: without pauses
	 * whoever has won would win for ever, as he is the first to begin again.
	 */
	static final double MOST_SHARED = 0.8;

	/**
	 * With less the pauses would become so long that callers notice them, whatever is
	 * set.
	 */
	static final double LEAST_SHARED = 0.125;

	/**
	 * A single conflict with somebody who is not counted may be chance.
	 */
	private static final double CHANCE = 0.1;

	/**
	 * For how many times as long as an attempt takes there has to be no sign of others
	 * before an instance does without pauses again.
	 */
	private static final int LISTEN_FACTOR = 128;

	/**
	 * How many times as long as usual an attempt may take without being a stall.
	 */
	private static final int STALL_FACTOR = 4;

	/**
	 * What is in force now without end, and can still be added to a time.
	 */
	private static final long NEVER_NANOS = Long.MAX_VALUE / 4;

	private final ContentionSettings settings;

	private final long stallNanos;

	private final DoubleSupplier random;

	private final Slowdown slowdown = new Slowdown();

	private double limit = Double.NaN;

	private int held;

	private int above;

	/**
	 * Those of {@code held} that were under way when the limit came into force.
	 */
	private int earlier;

	private int conflictShare;

	private long lastDecrease;

	private long lastProgress;

	/**
	 * With a limit below one, when the pause after the last attempt is over.
	 */
	private long opensAt;

	private double usualNanos;

	/**
	 * Which share of the latest attempts ended in conflict with one that is not counted.
	 */
	private int foreignShare;

	private long lastForeign;

	private int quietCommits;

	/**
	 * Create a limit that is not in force.
	 * @param random gives a number from 0 to 1, which keeps pauses of several instances
	 * from being the same
	 */
	AdaptiveLimit(ContentionSettings settings, DoubleSupplier random) {
		this.settings = settings;
		this.stallNanos = stallNanos(settings);
		this.random = random;
	}

	static long stallNanos(ContentionSettings settings) {
		return Math.min(TimeUnit.NANOSECONDS.convert(settings.stallTimeout()), NEVER_NANOS);
	}

	/**
	 * Come into force with a conflict.
	 * @param underWay how many attempts were under way, the one in conflict included
	 * @param conflictShare which share ended in conflict before
	 */
	void start(int underWay, int conflictShare, long now) {
		this.held = underWay - 1;
		this.earlier = this.held;
		this.conflictShare = ConflictShare.after(AttemptEnd.CONFLICT, conflictShare);
		this.limit = Math.max(underWay * this.settings.decrease(), 1);
		this.lastDecrease = now;
		this.lastProgress = now;
		this.opensAt = now;
	}

	/**
	 * Return the limit, not a number if none is in force.
	 */
	double value() {
		return this.limit;
	}

	int underWay() {
		return this.held + this.above;
	}

	boolean hasRoom(long now) {
		return this.held + 1 <= Math.max(this.limit, 1) && !isPausing(now);
	}

	private boolean isUsedUp() {
		return this.held + 1 > this.limit;
	}

	boolean isPausing(long now) {
		return this.limit < 1 && this.held == 0 && this.opensAt - now > 0;
	}

	/**
	 * An attempt takes a place.
	 */
	void begun() {
		this.held++;
	}

	/**
	 * An attempt begins that cannot wait. It takes nobody's place: or else those who can
	 * would wait for as long as others do not.
	 */
	void begunAbove() {
		this.above++;
	}

	/**
	 * Nothing has ended for too long: what is under way may itself wait for somebody who
	 * waits for it. There is no sense in counting it.
	 */
	void stalled(long now) {
		this.limit = Math.max(this.limit, this.held + 1);
		this.lastProgress = now;
	}

	/**
	 * Somebody has to wait.
	 */
	void missed() {
		this.quietCommits = 0;
	}

	/**
	 * An attempt has ended that was under way before the limit came into force.
	 */
	void earlierEnded(AttemptEnd end, long now) {
		if (this.earlier > 0) {
			boolean used = isUsedUp();
			this.earlier--;
			this.held--;
			this.lastProgress = now;
			this.conflictShare = ConflictShare.after(end, this.conflictShare);
			count(end, used);
		}
	}

	/**
	 * An attempt has ended that the limit counts.
	 * @param held whether it had a place
	 * @param begun when it began
	 * @param end how it ended, a conflict only if it was one of those that are limited
	 * here
	 * @param alone whether no other attempt that is counted here was under way meanwhile
	 */
	void ended(boolean held, long begun, AttemptEnd end, boolean alone, long now) {
		this.lastProgress = now;
		this.conflictShare = ConflictShare.after(end, this.conflictShare);
		learn(now - begun, end);
		boolean used = isUsedUp();
		if (held) {
			this.held--;
		}
		else {
			this.above--;
		}
		count(end, used);
		if (end != AttemptEnd.OTHER) {
			shareWithOthers(end == AttemptEnd.CONFLICT && alone, now);
		}
		if (end == AttemptEnd.CONFLICT && this.limit > 1 && begun - this.lastDecrease > 0
				&& this.conflictShare > this.slowdown.bestConflictShare()) {
			this.limit = Math.max(this.limit * this.settings.decrease(), 1);
			this.lastDecrease = now;
		}
		if (held && this.limit < 1) {
			this.opensAt = now + pause();
		}
	}

	private void count(AttemptEnd end, boolean used) {
		if (end == AttemptEnd.COMMIT) {
			if (used && this.limit >= 1) {
				this.limit += this.settings.increase() / this.limit;
			}
			this.quietCommits++;
		}
		else if (end == AttemptEnd.CONFLICT) {
			this.quietCommits = 0;
		}
	}

	/**
	 * Whoever is alone here and in conflict, is so with somebody who is not counted, and
	 * can only make room for him by doing nothing now and then. Nobody sees how many
	 * others there are. But as each attempt adds to the limit, not only each commit, all
	 * who see the same share {@code s} of conflicts come to the same limit,
	 * {@code increase / (1 - decrease) / s}; with commits alone whoever wins once would
	 * win more and more often.
	 */
	private void shareWithOthers(boolean foreign, long now) {
		this.foreignShare = ConflictShare.after(foreign ? AttemptEnd.CONFLICT : AttemptEnd.COMMIT, this.foreignShare);
		if (foreign) {
			this.lastForeign = now;
		}
		if (this.limit >= 1) {
			if (foreign && this.foreignShare > ConflictShare.of(Math.max(this.settings.tolerance(), CHANCE))) {
				this.limit = MOST_SHARED;
			}
		}
		else if (now - this.lastForeign > LISTEN_FACTOR * this.usualNanos) {
			this.limit = 1;
		}
		else {
			double rest = this.limit * (foreign ? this.settings.decrease() : 1);
			this.limit = Math.max(LEAST_SHARED, Math.min(rest + this.settings.increase(), MOST_SHARED));
		}
	}

	/**
	 * Return a random pause that leaves the attempts the part of the time that the limit
	 * says: random, since otherwise instances that began together would meet again.
	 */
	private long pause() {
		return (long) ((1 / this.limit - 1) * this.usualNanos * 2 * this.random.getAsDouble());
	}

	private void learn(long taken, AttemptEnd end) {
		this.usualNanos = (this.usualNanos == 0) ? taken : (7 * this.usualNanos + taken) / 8;
		if (end == AttemptEnd.COMMIT) {
			this.slowdown.add(underWay(), taken);
		}
	}

	/**
	 * Whether the limit has become pointless, provided that nobody waits.
	 */
	boolean isOver(long now) {
		return (this.quietCommits >= QUIET_COMMITS && this.limit >= 1) || isIdle(now);
	}

	/**
	 * Whether nothing has been under way for so long that it is over.
	 */
	boolean isIdle(long now) {
		return underWay() == 0 && now - this.lastProgress > IDLE_NANOS;
	}

	/**
	 * Return when the pause is over.
	 */
	long opensAt() {
		return this.opensAt;
	}

	/**
	 * When somebody who has waited since a given time is to be admitted regardless.
	 */
	long stallsAt(long waitingSince) {
		long since = (waitingSince - this.lastProgress > 0) ? waitingSince : this.lastProgress;
		return since + Math.max(this.stallNanos, (long) (STALL_FACTOR * this.usualNanos));
	}

}
