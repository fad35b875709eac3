package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.Assert;

/**
 * Makes the properties of transactions what the library takes, and refuses bad values by
 * their property's name.
 */
final class TransactionPropertiesMapper {

	private static final String PREFIX = "crdb.transaction.";

	/**
	 * How the library says that it does not take a value.
	 */
	private static final Pattern REFUSAL = Pattern.compile("'(?<name>\\w+)' (?<rule>must .+), but is (?<value>.+)");

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
				contention.getDecrease(), contention.getTolerance(), contention.getStallTimeout(), backoff,
				contention.getKeys()));
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

	/**
	 * Create what the library takes, and say of a value that it refuses which property it
	 * comes from: that of the same name.
	 * @param group the properties' common part, with a dot at its end
	 */
	private static <T> T create(String group, Supplier<T> factory) {
		try {
			return factory.get();
		}
		catch (IllegalArgumentException ex) {
			Matcher refusal = REFUSAL.matcher(String.valueOf(ex.getMessage()));
			if (!refusal.matches()) {
				throw ex;
			}
			String name = DataObjectPropertyName.toDashedForm(refusal.group("name"));
			throw new InvalidConfigurationPropertyValueException(PREFIX + group + name, refusal.group("value"),
					"It " + refusal.group("rule") + ".");
		}
	}

}
