package io.github.crdbspring.transaction;

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

	private static final int LEAST_SAMPLES = 16;

	/**
	 * If the standard deviation of their number is less than this part of the mean,
	 * nothing is learnt but noise.
	 */
	private static final double LEAST_VARIATION = 0.05;

	private int samples;

	private double meanNumber;

	private double meanNanos;

	private double variance;

	private double covariance;

	private double elasticity = Double.NaN;

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
		double leastDeviation = LEAST_VARIATION * this.meanNumber;
		if (this.samples >= LEAST_SAMPLES && this.variance > leastDeviation * leastDeviation && this.meanNanos > 0) {
			double slope = this.covariance / this.variance;
			this.elasticity = Math.max(0, Math.min(1, slope * this.meanNumber / this.meanNanos));
		}
	}

	/**
	 * Return by how many percent an attempt takes longer with one percent more of them: 0
	 * if they do not get in each other's way, 1 if more at once get no more done, not a
	 * number as long as that is not known.
	 */
	double elasticity() {
		return this.elasticity;
	}

	/**
	 * Return the share of conflicts at which most is committed. With one percent more
	 * attempts under way, {@code 1 - elasticity} percent more of them end. A share
	 * {@code s} of conflicts grows with the number of attempts, so that
	 * {@code s / (1 - s)} percent less of those are committed. Both are equal at this
	 * share: half of the attempts if they do not slow each other down, none if the server
	 * has as much to do as it can.
	 * @param unknown what to return as long as it is not known
	 */
	int bestConflictShare(int unknown) {
		return Double.isNaN(this.elasticity) ? unknown
				: ConflictShare.of((1 - this.elasticity) / (2 - this.elasticity));
	}

}
