package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionKeySource;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransactionPropertiesMapper}.
 */
class TransactionPropertiesMapperTests {

	private final CrdbTransactionProperties properties = new CrdbTransactionProperties();

	@Test
	void theDefaultsAreThoseOfTheLibrary() {
		assertThat(settings()).usingRecursiveComparison().isEqualTo(CrdbTransactionSettings.defaults());
	}

	@Test
	void anyPropertyOfTheBackoffHoldsForConflictsToo() {
		this.properties.getBackoff().setMultiplier(3.0);
		assertThat(settings().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(50), 3, Duration.ofSeconds(2), 1));
		assertThat(settings().contention()).isEqualTo(ContentionSettings.defaults().withBackoff(null));
	}

	@Test
	void theJitterAloneLeavesPausesAsShortAsTheyAre() {
		this.properties.getBackoff().setJitter(0.5);
		assertThat(settings().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(50), 2, Duration.ofSeconds(2), 0.5));
		assertThat(settings().contention()).isEqualTo(ContentionSettings.defaults()
			.withBackoff(new BackoffSettings(Duration.ofMillis(1), 2, Duration.ofMillis(20), 0.5)));
	}

	@Test
	void theBackoffIsThatOfItsProperties() {
		this.properties.getBackoff().setInitialInterval(Duration.ofMillis(1));
		this.properties.getBackoff().setMultiplier(3.0);
		this.properties.getBackoff().setMaxInterval(Duration.ofMillis(20));
		assertThat(settings().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(1), 3, Duration.ofMillis(20), 1));
	}

	@Test
	void theLongestIntervalFollowsALongerInitialOne() {
		this.properties.getBackoff().setInitialInterval(Duration.ofSeconds(5));
		assertThat(settings().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofSeconds(5), 2, Duration.ofSeconds(5), 1));
	}

	@Test
	void aLongestIntervalThatIsShorterThanTheInitialOneIsRefused() {
		this.properties.getBackoff().setMaxInterval(Duration.ofMillis(20));
		verifyRefused("crdb.transaction.backoff.max-interval", "PT0.02S",
				"It must not be shorter than the initial interval of PT0.05S.");
	}

	@Test
	void whatTheLibraryRefusesIsRefusedByThePropertysName() {
		this.properties.getBackoff().setJitter(1.5);
		verifyRefused("crdb.transaction.backoff.jitter", "1.5", "It must be between 0 and 1.");
		this.properties.getBackoff().setInitialInterval(Duration.ofMillis(-1));
		verifyRefused("crdb.transaction.backoff.initial-interval", "PT-0.001S", "It must not be negative.");
	}

	@Test
	void theLimitsPropertiesAreCheckedEvenIfItIsSwitchedOff() {
		this.properties.getContention().setEnabled(false);
		this.properties.getContention().setDecrease(1);
		verifyRefused("crdb.transaction.contention.decrease", "1.0", "It must be above 0 and below 1.");
		this.properties.getContention().setDecrease(0.5);
		this.properties.getContention().setStallTimeout(Duration.ZERO);
		verifyRefused("crdb.transaction.contention.stall-timeout", "PT0S", "It must be positive.");
	}

	@Test
	void theTimeoutAndTheAttemptsAreRefusedByThePropertysName() {
		this.properties.setTimeout(Duration.ZERO);
		verifyRefused("crdb.transaction.timeout", "PT0S", "It must be positive.");
		this.properties.setTimeout(null);
		this.properties.setLockTimeout(Duration.ZERO);
		verifyRefused("crdb.transaction.lock-timeout", "PT0S", "It must be at least a millisecond.");
		this.properties.setMaxAttempts(0);
		verifyRefused("crdb.transaction.max-attempts", "0", "It must be at least 1, with which nothing is retried.");
	}

	@Test
	void theLimitIsThatOfItsProperties() {
		this.properties.getContention().setIncrease(1);
		this.properties.getContention().setDecrease(0.8);
		this.properties.getContention().setTolerance(0);
		this.properties.getContention().setStallTimeout(Duration.ofSeconds(7));
		this.properties.getContention().setKeys(ContentionKeySource.NAMED);
		assertThat(settings().contention()).isEqualTo(new ContentionSettings(1, 0.8, 0, Duration.ofSeconds(7),
				ContentionSettings.defaults().backoff(), ContentionKeySource.NAMED));
	}

	@Test
	void theLimitCanBeSwitchedOff() {
		this.properties.getContention().setEnabled(false);
		assertThat(settings().contention()).isNull();
	}

	@Test
	void optimisticLocksAreRetriedOnRequest() {
		assertThat(settings().retryOptimisticLocking()).isFalse();
		this.properties.setRetryOptimisticLocking(true);
		assertThat(settings().retryOptimisticLocking()).isTrue();
	}

	private void verifyRefused(String property, String value, String reason) {
		TransactionPropertiesMapper mapper = new TransactionPropertiesMapper(this.properties);
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class).isThrownBy(() -> {
			mapper.options();
			mapper.settings();
		}).satisfies((refusal) -> {
			assertThat(refusal.getName()).isEqualTo(property);
			assertThat(refusal.getValue()).hasToString(value);
			assertThat(refusal.getReason()).isEqualTo(reason);
		});
	}

	private CrdbTransactionSettings settings() {
		return new TransactionPropertiesMapper(this.properties).settings();
	}

}
