package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.github.crdbspring.transaction.BackoffSettings;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
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
		return new CrdbTransactionSettings(backoff(), List.of(), this.properties.isRetryConnectionErrors(),
				this.properties.getUnsupportedOptions());
	}

	private BackoffSettings backoff() {
		CrdbTransactionProperties.Backoff backoff = this.properties.getBackoff();
		require(!backoff.getInitialInterval().isNegative(), "backoff.initial-interval", backoff.getInitialInterval(),
				"It must not be negative.");
		require(backoff.getMultiplier() >= 1 && Double.isFinite(backoff.getMultiplier()), "backoff.multiplier",
				backoff.getMultiplier(), "It must be at least 1.");
		require(backoff.getMaxInterval().compareTo(backoff.getInitialInterval()) >= 0, "backoff.max-interval",
				backoff.getMaxInterval(), "It must not be shorter than the initial interval.");
		require(backoff.getJitter() >= 0 && backoff.getJitter() <= 1, "backoff.jitter", backoff.getJitter(),
				"It must be between 0 and 1.");
		return new BackoffSettings(backoff.getInitialInterval(), backoff.getMultiplier(), backoff.getMaxInterval(),
				backoff.getJitter());
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
