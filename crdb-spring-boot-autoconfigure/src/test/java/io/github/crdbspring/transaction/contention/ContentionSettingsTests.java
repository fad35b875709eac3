package io.github.crdbspring.transaction.contention;

import java.time.Duration;
import java.util.List;

import io.github.crdbspring.transaction.CrdbTransactionSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ContentionSettings}, and for how they come into
 * {@link CrdbTransactionSettings}.
 */
class ContentionSettingsTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	@Test
	void badValuesAreRefusedByName() {
		verifyRefused("increase", 0, 0.5, 0.3, SECOND);
		verifyRefused("increase", Double.POSITIVE_INFINITY, 0.5, 0.3, SECOND);
		verifyRefused("increase", Double.NaN, 0.5, 0.3, SECOND);
		verifyRefused("decrease", 0.25, 0, 0.3, SECOND);
		verifyRefused("decrease", 0.25, 1, 0.3, SECOND);
		verifyRefused("tolerance", 0.25, 0.5, -0.1, SECOND);
		verifyRefused("tolerance", 0.25, 0.5, 1, SECOND);
		verifyRefused("stallTimeout", 0.25, 0.5, 0.3, Duration.ZERO);
		verifyRefused("stallTimeout", 0.25, 0.5, 0.3, SECOND.negated());
	}

	@Test
	void attemptsAreLimitedByDefaultWithShortPauses() {
		assertThat(CrdbTransactionSettings.defaults().contention()).isEqualTo(ContentionSettings.defaults());
		assertThat(ContentionSettings.defaults().backoff())
			.isEqualTo(new BackoffSettings(Duration.ofMillis(1), 2, Duration.ofMillis(20), 1));
	}

	@Test
	void pausesThatAreGivenHoldForConflictsToo() {
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.backoff(BackoffSettings.defaults())
			.build();
		assertThat(settings.contention()).isEqualTo(ContentionSettings.defaults().withBackoff(null));
	}

	@Test
	void copiesKeepWhatTheyDoNotChange() {
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.retryOptimisticLocking(true)
			.retryConnectionErrors(false)
			.contention(null)
			.build();
		CrdbTransactionSettings copy = settings.toBuilder().listeners(List.of()).build();
		assertThat(copy).usingRecursiveComparison().isEqualTo(settings);
		assertThat(copy.toBuilder().retryOptimisticLocking(false).build().retryOptimisticLocking()).isFalse();
		assertThat(settings.retryOptimisticLocking()).isTrue();
	}

	private static void verifyRefused(String name, double increase, double decrease, double tolerance,
			Duration stallTimeout) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ContentionSettings(increase, decrease, tolerance, stallTimeout, null))
			.withMessageContaining("'" + name + "'");
	}

}
