package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import io.github.crdbspring.transaction.outcome.OutcomeSettings;
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
				.qualityOfService(this.properties.getQualityOfService())
				.lockTimeout(this.properties.getLockTimeout())
				.outcome(this.properties.getOutcome().getPolicy())
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
			.outcome(outcome())
			.build();
	}

	OutcomeSettings outcome() {
		CrdbTransactionProperties.Outcome outcome = this.properties.getOutcome();
		return create("outcome.", () -> new OutcomeSettings(outcome.getResolveTimeout(), outcome.getRetention()));
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
		// Whoever has set anything about how long pauses are means all of them
		BackoffSettings backoff = hasIntervals() ? null
				: withJitter(ContentionSettings.defaults().backoff(), this.properties.getBackoff().getJitter());
		ContentionSettings settings = create("contention.",
				() -> new ContentionSettings(contention.getIncrease(), contention.getDecrease(),
						contention.getTolerance(), contention.getStallTimeout(), backoff, contention.getKeys()));
		return contention.isEnabled() ? settings : null;
	}

	private boolean hasIntervals() {
		CrdbTransactionProperties.Backoff backoff = this.properties.getBackoff();
		return backoff.getInitialInterval() != null || backoff.getMultiplier() != null
				|| backoff.getMaxInterval() != null;
	}

	private static @Nullable BackoffSettings withJitter(@Nullable BackoffSettings backoff, @Nullable Double jitter) {
		return (backoff == null || jitter == null) ? backoff
				: new BackoffSettings(backoff.initialInterval(), backoff.multiplier(), backoff.maxInterval(), jitter);
	}

	private static <T> T orElse(@Nullable T value, T defaultValue) {
		return (value != null) ? value : defaultValue;
	}

	private static <T> T create(String group, Supplier<T> factory) {
		return PropertyRefusals.explain(PREFIX + group, factory);
	}

}
