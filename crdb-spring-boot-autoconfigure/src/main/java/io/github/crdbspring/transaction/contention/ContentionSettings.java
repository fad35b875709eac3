package io.github.crdbspring.transaction.contention;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * How many attempts of the same transaction, or of those with a key in common, may be
 * under way at once when they conflict with each other. There is no limit while no more
 * of them do so than {@code tolerance} says. Then each commit adds
 * {@code increase / limit} to a limit that is used up, each conflict multiplies it with
 * {@code decrease} if there are more than is tolerated, but once only for all attempts
 * that were under way, and it ends when nobody had to wait for a while. What is tolerated
 * with a limit in force is learnt from how much longer attempts take when more of them
 * are under way: half of them if they do not, none if more at once get no more done.
 *
 * @param increase what as many commits as the limit allows at once add to the limit,
 * positive
 * @param decrease what a conflict multiplies the limit with, above 0 and below 1
 * @param tolerance which share of the latest attempts may be in conflict as long as no
 * limit is in force, from 0 to below 1
 * @param stallTimeout how long nothing may end before a caller that waits is admitted
 * above the limit, positive; at least four times as long as attempts usually take
 * @param backoff the pauses after a conflict, {@code null} if they are the same as after
 * other failures
 * @param keys where the keys of calls come from
 * @since 0.1.0
 */
public record ContentionSettings(double increase, double decrease, double tolerance, Duration stallTimeout,
		@Nullable BackoffSettings backoff, ContentionKeySource keys) {

	public ContentionSettings {
		Assert.isTrue(increase > 0 && Double.isFinite(increase),
				() -> "'increase' must be positive, but is " + increase);
		Assert.isTrue(decrease > 0 && decrease < 1, () -> "'decrease' must be above 0 and below 1, but is " + decrease);
		Assert.isTrue(!stallTimeout.isNegative() && !stallTimeout.isZero(),
				() -> "'stallTimeout' must be positive, but is " + stallTimeout);
		Assert.notNull(keys, "'keys' must not be null");
		Assert.isTrue(tolerance >= 0 && tolerance < 1,
				() -> "'tolerance' must be at least 0 and below 1, but is " + tolerance);
	}

	/**
	 * Create settings with the arguments of calls as candidates for keys.
	 * @param increase what as many commits as the limit allows at once add to the limit
	 * @param decrease what a conflict multiplies the limit with
	 * @param tolerance which share of the latest attempts may be in conflict
	 * @param stallTimeout how long nothing may end
	 * @param backoff the pauses after a conflict
	 */
	public ContentionSettings(double increase, double decrease, double tolerance, Duration stallTimeout,
			@Nullable BackoffSettings backoff) {
		this(increase, decrease, tolerance, stallTimeout, backoff, ContentionKeySource.ARGUMENTS);
	}

	/**
	 * Return the default: 0.25 is added, a conflict halves the limit, one conflict in ten
	 * attempts is tolerated, a stall is one of a second, and pauses after a conflict are
	 * from 1 ms, doubled up to 20 ms, with full jitter.
	 * @return the default settings
	 */
	public static ContentionSettings defaults() {
		return new ContentionSettings(0.25, 0.5, 0.1, Duration.ofSeconds(1),
				new BackoffSettings(Duration.ofMillis(1), 2, Duration.ofMillis(20), 1));
	}

	/**
	 * Return a copy with other pauses after a conflict.
	 * @param backoff the pauses, {@code null} if they are the same as after other
	 * failures
	 * @return the copy
	 */
	public ContentionSettings withBackoff(@Nullable BackoffSettings backoff) {
		return new ContentionSettings(this.increase, this.decrease, this.tolerance, this.stallTimeout, backoff,
				this.keys);
	}

	/**
	 * Return a copy with keys from elsewhere.
	 * @param keys where the keys of calls come from
	 * @return the copy
	 */
	public ContentionSettings withKeys(ContentionKeySource keys) {
		return new ContentionSettings(this.increase, this.decrease, this.tolerance, this.stallTimeout, this.backoff,
				keys);
	}

}
