package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

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
		return create("", () -> {
			// To the library 0 is what has not been set
			Assert.isTrue(maxAttempts >= 1,
					() -> "'maxAttempts' must be at least 1, with which nothing is retried, but is " + maxAttempts);
			return CrdbTransactionOptions.builder()
				.maxAttempts(maxAttempts)
				.nested(this.properties.getNested())
				.timeout(this.properties.getTimeout())
				.priority(this.properties.getPriority())
				.build();
		});
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
		Duration maxInterval = orElse(backoff.getMaxInterval(),
				Collections.max(List.of(defaults.maxInterval(), initialInterval)));
		return create("backoff.", () -> {
			Assert.isTrue(maxInterval.compareTo(initialInterval) >= 0,
					() -> "'maxInterval' must not be shorter than the initial interval of " + initialInterval
							+ ", but is " + maxInterval);
			return new BackoffSettings(initialInterval, orElse(backoff.getMultiplier(), defaults.multiplier()),
					maxInterval, orElse(backoff.getJitter(), defaults.jitter()));
		});
	}

	private @Nullable ContentionSettings contention() {
		CrdbTransactionProperties.Contention contention = this.properties.getContention();
		// Whoever has set anything about pauses means all of them
		BackoffSettings backoff = hasBackoff() ? null : ContentionSettings.defaults().backoff();
		ContentionSettings settings = create("contention.", () -> new ContentionSettings(contention.getIncrease(),
				contention.getDecrease(), contention.getTolerance(), contention.getStallTimeout(), backoff));
		return contention.isEnabled() ? settings : null;
	}

	private boolean hasBackoff() {
		CrdbTransactionProperties.Backoff backoff = this.properties.getBackoff();
		return backoff.getInitialInterval() != null || backoff.getMultiplier() != null
				|| backoff.getMaxInterval() != null || backoff.getJitter() != null;
	}

	private static <T> T orElse(@Nullable T value, T defaultValue) {
		return (value != null) ? value : defaultValue;
	}

	private static <T> T create(String group, Supplier<T> factory) {
		return PropertyRefusals.explain(PREFIX + group, factory);
	}

}
