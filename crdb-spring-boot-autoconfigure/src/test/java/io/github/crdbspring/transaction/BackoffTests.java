package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Backoff}.
 */
class BackoffTests {

	private static final Duration INITIAL = Duration.ofMillis(50);

	private static final Duration MAX = Duration.ofSeconds(2);

	private static final double ALMOST_ONE = Math.nextDown(1.0);

	@ParameterizedTest
	@CsvSource({ "1, 50", "2, 100", "3, 200", "4, 400", "5, 800", "6, 1600", "7, 2000", "8, 2000", "9, 2000" })
	void theIntervalGrowsUpToTheLongest(int failures, long millis) {
		assertThat(backoff(2, 1, 0).pauseAfter(failures)).isEqualTo(Duration.ofMillis(millis));
	}

	@ParameterizedTest
	@CsvSource({ "0, 0, 1600", "0, 0.5, 1600", "0, 0.999, 1600", "1, 0, 1600", "1, 0.5, 800", "1, 0.75, 400",
			"0.5, 0, 1600", "0.5, 0.5, 1200", "0.25, 0.5, 1400" })
	void jitterTakesItsShareOfTheIntervalAway(double jitter, double random, long millis) {
		assertThat(backoff(2, jitter, random).pauseAfter(6)).isEqualTo(Duration.ofMillis(millis));
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0, 0.1, 0.5, 0.9, 1 })
	void aPauseLiesBetweenTheReducedAndTheWholeInterval(double jitter) {
		Random random = new Random(20260131);
		Backoff backoff = new Backoff(new BackoffSettings(INITIAL, 2, MAX, jitter), random::nextDouble, (pause) -> {
		});
		for (int failures = 1; failures <= 10_000; failures++) {
			Duration interval = backoff(2, 0, 0).pauseAfter(failures);
			Duration lowest = Duration.ofNanos((long) (interval.toNanos() * (1 - jitter)));
			assertThat(backoff.pauseAfter(failures)).isBetween(lowest, interval).isLessThanOrEqualTo(MAX);
		}
	}

	@Test
	void withFullJitterThePauseNeitherReachesZeroNorExceedsTheInterval() {
		assertThat(backoff(2, 1, ALMOST_ONE - 1e-7).pauseAfter(1)).isPositive().isLessThan(Duration.ofNanos(100));
		assertThat(backoff(2, 1, ALMOST_ONE).pauseAfter(1)).isGreaterThanOrEqualTo(Duration.ZERO);
		assertThat(backoff(2, 1, 0).pauseAfter(1)).isEqualTo(INITIAL);
	}

	@Test
	void pausesAreSpreadEvenly() {
		Random random = new Random(20260131);
		Backoff backoff = new Backoff(new BackoffSettings(INITIAL, 1, MAX, 1), random::nextDouble, (pause) -> {
		});
		int[] buckets = new int[10];
		for (int i = 0; i < 100_000; i++) {
			buckets[(int) ((backoff.pauseAfter(1).toNanos() - 1) * 10 / INITIAL.toNanos())]++;
		}
		assertThat(Arrays.stream(buckets)).allSatisfy((count) -> assertThat(count).isBetween(9_500, 10_500));
	}

	@ParameterizedTest
	@ValueSource(ints = { 31, 32, 63, 64, 65, 1_000, 1_025, 1_000_000, Integer.MAX_VALUE })
	void manyFailuresDoNotOverflow(int failures) {
		assertThat(backoff(2, 1, 0).pauseAfter(failures)).isEqualTo(MAX);
		assertThat(backoff(Double.MAX_VALUE, 1, 0).pauseAfter(failures)).isEqualTo(MAX);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 10, 1_000_000, Integer.MAX_VALUE })
	void withAMultiplierOfOneTheIntervalStays(int failures) {
		assertThat(backoff(1, 1, 0).pauseAfter(failures)).isEqualTo(INITIAL);
	}

	@Test
	void anInitialIntervalAboveTheLongestIsCutOff() {
		Backoff backoff = backoff(new BackoffSettings(Duration.ofSeconds(10), 2, MAX, 1), 0);
		assertThat(backoff.pauseAfter(1)).isEqualTo(MAX);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 2_000, Integer.MAX_VALUE })
	void withoutAnIntervalThereIsNoPause(int failures) {
		assertThat(backoff(new BackoffSettings(Duration.ZERO, 2, MAX, 1), 0).pauseAfter(failures)).isZero();
		assertThat(backoff(new BackoffSettings(INITIAL, 2, Duration.ZERO, 1), 0).pauseAfter(failures)).isZero();
	}

	@Test
	void intervalsBeyondWhatNanosecondsCanCountAreTakenAsTheLongestThatTheyCan() {
		Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
		assertThat(backoff(new BackoffSettings(INITIAL, 2, forever, 1), 0).pauseAfter(3))
			.isEqualTo(Duration.ofMillis(200));
		assertThat(backoff(new BackoffSettings(forever, 2, MAX, 1), 0).pauseAfter(3)).isEqualTo(MAX);
		assertThat(backoff(new BackoffSettings(forever, 2, forever, 1), 0).pauseAfter(3))
			.isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
	}

	@Test
	void theDefaultRandomNumbersStayWithinTheInterval() {
		Backoff backoff = new Backoff(BackoffSettings.defaults());
		assertThat(backoff.pauseAfter(1)).isBetween(Duration.ZERO, INITIAL);
	}

	@Test
	void waitsWithTheSleeper() throws InterruptedException {
		List<Duration> pauses = new ArrayList<>();
		new Backoff(BackoffSettings.defaults(), () -> 0, pauses::add).sleep(INITIAL);
		assertThat(pauses).containsExactly(INITIAL);
	}

	@Test
	void waitingIsInterruptible() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> new Backoff(BackoffSettings.defaults()).sleep(Duration.ofHours(1)));
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	private static Backoff backoff(double multiplier, double jitter, double random) {
		return backoff(new BackoffSettings(INITIAL, multiplier, MAX, jitter), random);
	}

	@Test
	void pausesAfterConflictsHaveSettingsOfTheirOwn() {
		Backoff backoff = new Backoff(BackoffSettings.defaults(),
				new BackoffSettings(Duration.ofMillis(5), 2, Duration.ofMillis(15), 1), () -> 0, (pause) -> {
				});
		assertThat(backoff.pauseAfterConflict(1)).isEqualTo(Duration.ofMillis(5));
		assertThat(backoff.pauseAfterConflict(2)).isEqualTo(Duration.ofMillis(10));
		assertThat(backoff.pauseAfterConflict(3)).isEqualTo(Duration.ofMillis(15));
		assertThat(backoff.pauseAfter(3)).isEqualTo(Duration.ofMillis(200));
	}

	private static Backoff backoff(BackoffSettings settings, double random) {
		return new Backoff(settings, () -> random, (pause) -> {
			throw new AssertionError("Nothing is to be waited for");
		});
	}

}
