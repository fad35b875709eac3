package io.github.crdbspring.transaction.contention;

/**
 * How much longer attempts take when more of them are under way at once, learnt from
 * those that were committed: a linear regression over the latest ones. That tells which
 * share of conflicts is worth to be tolerated. Not thread-safe.
 */
final class Slowdown {

	/**
	 * About how many attempts back the regression reaches.
	 */
	private static final int WINDOW = 1024;

	/**
	 * As if it had been seen in so many attempts that more at once get no more done, with
	 * a standard deviation of their number of a tenth. So a few attempts teach little,
	 * and with a number that hardly varies this is taken for granted again.
	 */
	private static final int ASSUMED = 128;

	private static final double ASSUMED_DEVIATION = 0.1;

	private int samples;

	private double meanNumber;

	private double meanNanos;

	private double variance;

	private double covariance;

	/**
	 * An attempt was committed.
	 * @param number how many were under way, with it
	 * @param nanos how long it took
	 */
	void add(int number, long nanos) {
		this.samples = Math.min(this.samples + 1, WINDOW);
		double weight = 1.0 / this.samples;
		double numberOff = number - this.meanNumber;
		double nanosOff = nanos - this.meanNanos;
		this.meanNumber += weight * numberOff;
		this.meanNanos += weight * nanosOff;
		this.variance = (1 - weight) * (this.variance + weight * numberOff * numberOff);
		this.covariance = (1 - weight) * (this.covariance + weight * numberOff * nanosOff);
	}

	/**
	 * Return by how many percent an attempt takes longer with one percent more of them: 0
	 * if they do not get in each other's way, 1 if more at once get no more done.
	 */
	double elasticity() {
		if (this.samples == 0 || this.meanNanos <= 0) {
			return 1;
		}
		double deviation = ASSUMED_DEVIATION * this.meanNumber;
		double assumed = ASSUMED * deviation * deviation;
		double slopeIfNoMoreGetsDone = this.meanNanos / this.meanNumber;
		double slope = (this.samples * this.covariance + assumed * slopeIfNoMoreGetsDone)
				/ (this.samples * this.variance + assumed);
		return Math.max(0, Math.min(1, slope / slopeIfNoMoreGetsDone));
	}

	/**
	 * Return the share of conflicts at which most is committed, on the scale of
	 * {@link ConflictShare}. With one percent more attempts under way,
	 * {@code 1 - elasticity} percent more of them end. Each of {@code n} attempts can be
	 * in conflict with the {@code n - 1} others, so a share {@code s} of conflicts grows
	 * by {@code n / (n - 1)} percent, and {@code n / (n - 1) * s / (1 - s)} percent less
	 * of them are committed. Both are equal at this share: half of many attempts if they
	 * do not slow each other down, less of a few, none if the server has as much to do as
	 * it can.
	 */
	int bestConflictShare() {
		if (this.meanNumber <= 1) {
			return 0;
		}
		double conflictsPerCommit = (1 - elasticity()) * (this.meanNumber - 1) / this.meanNumber;
		return ConflictShare.of(conflictsPerCommit / (1 + conflictsPerCommit));
	}

}
