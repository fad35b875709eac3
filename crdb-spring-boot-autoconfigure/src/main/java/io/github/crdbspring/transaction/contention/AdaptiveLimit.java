package io.github.crdbspring.transaction.contention;

/**
 * How many attempts may be under way at once, learnt from how they end: additive increase
 * on commits, multiplicative decrease on conflicts that are not tolerated. What is
 * tolerated follows from their {@link Slowdown}. Times are those of
 * {@link System#nanoTime()}. Not thread-safe.
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
	 * How many times as long as usual an attempt may take without being a stall.
	 */
	private static final int STALL_FACTOR = 4;

	private final ContentionSettings settings;

	private final long stallNanos;

	private final Slowdown slowdown = new Slowdown();

	private double limit = Double.NaN;

	private int underWay;

	private int conflictShare;

	private long lastDecrease;

	private long lastProgress;

	private double usualNanos;

	private int quietCommits;

	AdaptiveLimit(ContentionSettings settings) {
		this.settings = settings;
		this.stallNanos = settings.stallTimeout().toNanos();
	}

	/**
	 * Come into force with a conflict.
	 * @param underWay how many attempts were under way, the one in conflict included
	 * @param conflictShare which share ended in conflict before
	 */
	void start(int underWay, int conflictShare, long now) {
		this.underWay = underWay - 1;
		this.conflictShare = ConflictShare.after(AttemptEnd.CONFLICT, conflictShare);
		this.limit = Math.max(underWay * this.settings.decrease(), 1);
		this.lastDecrease = now;
		this.lastProgress = now;
		this.usualNanos = 0;
		this.quietCommits = 0;
	}

	void end() {
		this.limit = Double.NaN;
	}

	/**
	 * Return the limit, not a number if none is in force.
	 */
	double value() {
		return this.limit;
	}

	int underWay() {
		return this.underWay;
	}

	int conflictShare() {
		return this.conflictShare;
	}

	boolean hasRoom() {
		return this.underWay + 1 <= this.limit;
	}

	/**
	 * An attempt begins, for which there was room or which cannot wait.
	 */
	void begun() {
		this.underWay++;
	}

	/**
	 * Nothing has ended for too long: what is under way may itself wait for somebody who
	 * waits for it. There is no sense in counting it.
	 */
	void stalled(long now) {
		this.limit = Math.max(this.limit, this.underWay + 1);
		this.lastProgress = now;
	}

	/**
	 * Somebody has to wait.
	 */
	void missed() {
		this.quietCommits = 0;
	}

	/**
	 * An attempt has ended.
	 * @param begun when it began, 0 if that was before the limit came into force
	 */
	void ended(long begun, AttemptEnd end, long now) {
		this.lastProgress = now;
		this.conflictShare = ConflictShare.after(end, this.conflictShare);
		if (begun != 0) {
			learn(now - begun, end);
		}
		boolean used = !hasRoom();
		this.underWay--;
		if (end == AttemptEnd.COMMIT) {
			if (used) {
				this.limit += this.settings.increase() / this.limit;
			}
			this.quietCommits++;
		}
		else if (end == AttemptEnd.CONFLICT) {
			this.quietCommits = 0;
			if (begun != 0 && begun - this.lastDecrease > 0 && this.conflictShare > this.slowdown.bestConflictShare()) {
				this.limit = Math.max(this.limit * this.settings.decrease(), 1);
				this.lastDecrease = now;
			}
		}
	}

	private void learn(long taken, AttemptEnd end) {
		this.usualNanos = (this.usualNanos == 0) ? taken : (7 * this.usualNanos + taken) / 8;
		if (end == AttemptEnd.COMMIT) {
			this.slowdown.add(this.underWay, taken);
		}
	}

	/**
	 * Whether the limit has become pointless, provided that nobody waits.
	 */
	boolean isOver(long now) {
		return this.quietCommits >= QUIET_COMMITS || (this.underWay == 0 && now - this.lastProgress > IDLE_NANOS);
	}

	/**
	 * When somebody who has waited since a given time is to be admitted regardless.
	 */
	long stallsAt(long waitingSince) {
		long since = (waitingSince - this.lastProgress > 0) ? waitingSince : this.lastProgress;
		return since + Math.max(this.stallNanos, (long) (STALL_FACTOR * this.usualNanos));
	}

}
