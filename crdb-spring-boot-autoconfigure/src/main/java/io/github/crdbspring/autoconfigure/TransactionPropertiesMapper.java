package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Makes the properties of transactions what the library takes, and refuses bad values by
 * their property's name.
 */
final class TransactionPropertiesMapper {

	private static final String PREFIX = "crdb.transaction.";

	private final CrdbTransactionProperties properties;

	TransactionPropertiesMapper(CrdbTransactionProperties properties) {
		this.properties = properties;
	}

	CrdbTransactionOptions options() {
		int maxAttempts = this.properties.getMaxAttempts();
		require(maxAttempts >= 1, "max-attempts", maxAttempts, "It must be at least 1; with 1 nothing is retried.");
		Duration timeout = this.properties.getTimeout();
		require(timeout == null || isPositive(timeout), "timeout", timeout, "It must be a positive duration.");
		return CrdbTransactionOptions.builder()
			.maxAttempts(maxAttempts)
			.nested(this.properties.getNested())
			.timeout(timeout)
			.priority(this.properties.getPriority())
			.build();
	}

	CrdbTransactionSettings settings() {
		return CrdbTransactionSettings.builder()
			.backoff(backoff())
			.contention(contention())
			.retryConnectionErrors(this.properties.isRetryConnectionErrors())
			.retryOptimisticLocking(this.properties.isRetryOptimisticLocking())
			.unsupportedOptions(this.properties.getUnsupportedOptions())
			.build();
	}

	private BackoffSettings backoff() {
		CrdbTransactionProperties.Backoff backoff = this.properties.getBackoff();
		BackoffSettings defaults = BackoffSettings.defaults();
		Duration initialInterval = orElse(backoff.getInitialInterval(), defaults.initialInterval());
		double multiplier = orElse(backoff.getMultiplier(), defaults.multiplier());
		Duration maxInterval = orElse(backoff.getMaxInterval(), defaults.maxInterval());
		double jitter = orElse(backoff.getJitter(), defaults.jitter());
		require(!initialInterval.isNegative(), "backoff.initial-interval", initialInterval, "It must not be negative.");
		require(multiplier >= 1 && Double.isFinite(multiplier), "backoff.multiplier", multiplier,
				"It must be at least 1.");
		require(maxInterval.compareTo(initialInterval) >= 0, "backoff.max-interval", maxInterval,
				"It must not be shorter than the initial interval.");
		require(jitter >= 0 && jitter <= 1, "backoff.jitter", jitter, "It must be between 0 and 1.");
		return new BackoffSettings(initialInterval, multiplier, maxInterval, jitter);
	}

	private @Nullable ContentionSettings contention() {
		CrdbTransactionProperties.Contention contention = this.properties.getContention();
		double increase = contention.getIncrease();
		double decrease = contention.getDecrease();
		double tolerance = contention.getTolerance();
		Duration stallTimeout = contention.getStallTimeout();
		require(increase > 0 && Double.isFinite(increase), "contention.increase", increase, "It must be positive.");
		require(decrease > 0 && decrease < 1, "contention.decrease", decrease, "It must be above 0 and below 1.");
		require(tolerance >= 0 && tolerance < 1, "contention.tolerance", tolerance,
				"It must be at least 0 and below 1.");
		require(isPositive(stallTimeout), "contention.stall-timeout", stallTimeout, "It must be a positive duration.");
		if (!contention.isEnabled()) {
			return null;
		}
		// Whoever has set anything about pauses means all of them
		return new ContentionSettings(increase, decrease, tolerance, stallTimeout,
				hasBackoff() ? null : ContentionSettings.defaults().backoff());
	}

	private boolean hasBackoff() {
		CrdbTransactionProperties.Backoff backoff = this.properties.getBackoff();
		return backoff.getInitialInterval() != null || backoff.getMultiplier() != null
				|| backoff.getMaxInterval() != null || backoff.getJitter() != null;
	}

	private static <T> T orElse(@Nullable T value, T defaultValue) {
		return (value != null) ? value : defaultValue;
	}

	private static boolean isPositive(Duration duration) {
		return !duration.isNegative() && !duration.isZero();
	}

	private static void require(boolean valid, String property, @Nullable Object value, String reason) {
		if (!valid) {
			throw new InvalidConfigurationPropertyValueException(PREFIX + property, value, reason);
		}
	}

}
