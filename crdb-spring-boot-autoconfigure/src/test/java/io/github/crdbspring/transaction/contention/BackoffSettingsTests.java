package io.github.crdbspring.transaction.contention;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link BackoffSettings}.
 */
class BackoffSettingsTests {

	@Test
	void defaultsAreAsDocumented() {
		assertThat(BackoffSettings.defaults())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(50), 2, Duration.ofSeconds(2), 1));
	}

	@ParameterizedTest
	@CsvSource({ "PT0S, 1, PT0S, 0", "PT0.05S, 1, PT2S, 1", "PT10S, 1.5, PT1S, 0.5", "PT0.000000001S, 1e308, PT1H, 1" })
	void acceptsWhatIsWithinBounds(Duration initialInterval, double multiplier, Duration maxInterval, double jitter) {
		assertThat(new BackoffSettings(initialInterval, multiplier, maxInterval, jitter).jitter()).isEqualTo(jitter);
	}

	@ParameterizedTest
	@CsvSource({ "PT-0.000000001S, 2, PT2S, 1, initialInterval", "PT-1S, 2, PT2S, 1, initialInterval",
			"PT1S, 0.999, PT2S, 1, multiplier", "PT1S, 0, PT2S, 1, multiplier", "PT1S, -2, PT2S, 1, multiplier",
			"PT1S, NaN, PT2S, 1, multiplier", "PT1S, Infinity, PT2S, 1, multiplier", "PT1S, 2, PT-2S, 1, maxInterval",
			"PT1S, 2, PT2S, -0.001, jitter", "PT1S, 2, PT2S, 1.001, jitter", "PT1S, 2, PT2S, NaN, jitter" })
	void refusesWhatIsNotAndNamesIt(Duration initialInterval, double multiplier, Duration maxInterval, double jitter,
			String name) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new BackoffSettings(initialInterval, multiplier, maxInterval, jitter))
			.withMessageStartingWith("'" + name + "' must ");
	}

}
