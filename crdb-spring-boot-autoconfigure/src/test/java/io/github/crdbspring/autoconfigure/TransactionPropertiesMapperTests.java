package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TransactionPropertiesMapper}.
 */
class TransactionPropertiesMapperTests {

	private final CrdbTransactionProperties properties = new CrdbTransactionProperties();

	@Test
	void theDefaultsAreThoseOfTheLibrary() {
		assertThat(settings()).isEqualTo(CrdbTransactionSettings.defaults());
	}

	@Test
	void anyPropertyOfTheBackoffHoldsForConflictsToo() {
		this.properties.getBackoff().setJitter(0.5);
		assertThat(settings().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(50), 2, Duration.ofSeconds(2), 0.5));
		assertThat(settings().contention()).isEqualTo(ContentionSettings.defaults().withBackoff(null));
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
	void theLimitIsThatOfItsProperties() {
		this.properties.getContention().setIncrease(1);
		this.properties.getContention().setDecrease(0.8);
		this.properties.getContention().setTolerance(0);
		this.properties.getContention().setStallTimeout(Duration.ofSeconds(7));
		assertThat(settings().contention()).isEqualTo(
				new ContentionSettings(1, 0.8, 0, Duration.ofSeconds(7), ContentionSettings.defaults().backoff()));
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

	private CrdbTransactionSettings settings() {
		return new TransactionPropertiesMapper(this.properties).settings();
	}

}
