package io.github.crdbspring.transaction.contention;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link AdaptiveLimit}.
 */
class AdaptiveLimitTests {

	private static final long SECOND = 1_000_000_000L;

	private static final long NOW = 1_000_000;

	private final AdaptiveLimit limit = new AdaptiveLimit(
			new ContentionSettings(0.25, 0.5, 0, Duration.ofSeconds(1), null), () -> 0.5);

	@Test
	void thereIsNoneAtFirst() {
		assertThat(this.limit.value()).isNaN();
	}

	@Test
	void startsFromTheAttemptsThatAreUnderWay() {
		this.limit.start(16, 0, 1000);
		assertThat(this.limit.value()).isEqualTo(8);
		assertThat(this.limit.underWay()).isEqualTo(15);
		assertThat(this.limit.hasRoom(NOW)).isFalse();
	}

	@Test
	void isNeverBelowOne() {
		this.limit.start(1, 0, 1000);
		assertThat(this.limit.value()).isOne();
		this.limit.begun();
		ended(1001, AttemptEnd.CONFLICT, 1002);
		assertThat(this.limit.value()).isOne();
		assertThat(this.limit.hasRoom(NOW)).isTrue();
	}

	@Test
	void fallsBelowOneWhenWhoeverIsAloneIsInConflictAgainAndAgain() {
		this.limit.start(1, 0, 1000);
		alone(AttemptEnd.CONFLICT, 2000);
		assertThat(this.limit.value()).as("a single one may be chance").isOne();
		alone(AttemptEnd.CONFLICT, 3000);
		assertThat(this.limit.value()).isEqualTo(AdaptiveLimit.MOST_SHARED);
		alone(AttemptEnd.CONFLICT, 4000);
		assertThat(this.limit.value()).isCloseTo(0.65, within(1e-9));
		alone(AttemptEnd.CONFLICT, 5000);
		assertThat(this.limit.value()).isCloseTo(0.575, within(1e-9));
		alone(AttemptEnd.COMMIT, 6000);
		assertThat(this.limit.value()).isEqualTo(AdaptiveLimit.MOST_SHARED);
	}

	@Test
	void belowOneThereIsAPauseAfterEachAttempt() {
		share();
		// Attempts take 100, and the random number is one half
		long pause = (long) ((1 / AdaptiveLimit.MOST_SHARED - 1) * 100);
		assertThat(this.limit.hasRoom(3000)).isFalse();
		assertThat(this.limit.isPausing(3000)).isTrue();
		assertThat(this.limit.opensAt()).isEqualTo(3000 + pause);
		assertThat(this.limit.hasRoom(3000 + pause)).isTrue();
		this.limit.begun();
		assertThat(this.limit.hasRoom(4000)).as("one at a time").isFalse();
		assertThat(this.limit.isPausing(4000)).isFalse();
	}

	@Test
	void pausesEndWhenThereIsNoSignOfOthersForLong() {
		share();
		alone(AttemptEnd.COMMIT, 3000 + 100 * 128);
		assertThat(this.limit.value()).isLessThan(1);
		alone(AttemptEnd.COMMIT, 3001 + 100 * 128);
		assertThat(this.limit.value()).isOne();
		assertThat(this.limit.hasRoom(3001 + 100 * 128)).isTrue();
	}

	@Test
	void pausesHaveABoundWhateverIsSet() {
		AdaptiveLimit small = new AdaptiveLimit(new ContentionSettings(0.001, 0.001, 0.1, Duration.ofSeconds(1), null),
				() -> 1);
		small.start(1, 0, 1000);
		for (int i = 0; i < 100; i++) {
			small.begun();
			small.ended(true, 2000 + 100 * i, AttemptEnd.CONFLICT, true, 2100 + 100 * i);
		}
		assertThat(small.value()).isEqualTo(AdaptiveLimit.LEAST_SHARED);
	}

	@Test
	void conflictsBesideOthersDoNotMakeItFallBelowOne() {
		this.limit.start(1, 0, 1000);
		for (int i = 0; i < 20; i++) {
			this.limit.begun();
			ended(2000 + i, AttemptEnd.CONFLICT, 3000 + i);
		}
		assertThat(this.limit.value()).isOne();
	}

	@Test
	void aStallThatIsLongerThanTimeItselfNeverComes() {
		AdaptiveLimit patient = new AdaptiveLimit(
				new ContentionSettings(0.25, 0.5, 0, Duration.ofSeconds(Long.MAX_VALUE), null), () -> 0.5);
		patient.start(2, 0, 1000);
		assertThat(patient.stallsAt(1000) - 1000).isGreaterThan(Duration.ofDays(20_000).toNanos());
	}

	private void share() {
		this.limit.start(1, 0, 1000);
		alone(AttemptEnd.CONFLICT, 2000);
		alone(AttemptEnd.CONFLICT, 3000);
	}

	private void alone(AttemptEnd end, long now) {
		this.limit.begun();
		this.limit.ended(true, now - 100, end, true, now);
	}

	@Test
	void eachCommitAddsAFractionOfTheLimit() {
		this.limit.start(4, 0, 1000);
		this.limit.earlierEnded(AttemptEnd.COMMIT, 1001);
		assertThat(this.limit.value()).isEqualTo(2.125);
		this.limit.earlierEnded(AttemptEnd.COMMIT, 1002);
		assertThat(this.limit.value()).isCloseTo(2.125 + 0.25 / 2.125, within(1e-9));
	}

	@Test
	void onlyAWholeNumberMakesRoom() {
		this.limit.start(2, 0, 1000);
		this.limit.earlierEnded(AttemptEnd.COMMIT, 1001);
		this.limit.begun();
		assertThat(this.limit.value()).isEqualTo(1.25);
		assertThat(this.limit.hasRoom(NOW)).isFalse();
	}

	@Test
	void conflictsOfAttemptsThatWereUnderWayDecreaseItOnce() {
		this.limit.start(32, 0, 1000);
		this.limit.earlierEnded(AttemptEnd.CONFLICT, 1001);
		this.limit.earlierEnded(AttemptEnd.CONFLICT, 1002);
		assertThat(this.limit.value()).isEqualTo(16);
		ended(1003, AttemptEnd.CONFLICT, 1010);
		ended(1004, AttemptEnd.CONFLICT, 1011);
		ended(1009, AttemptEnd.CONFLICT, 1012);
		assertThat(this.limit.value()).isEqualTo(8);
		ended(1011, AttemptEnd.CONFLICT, 1013);
		assertThat(this.limit.value()).isEqualTo(4);
	}

	@Test
	void otherFailuresDoNotChangeIt() {
		this.limit.start(8, 0, 1000);
		ended(1001, AttemptEnd.OTHER, 1002);
		assertThat(this.limit.value()).isEqualTo(4);
		assertThat(this.limit.underWay()).isEqualTo(6);
	}

	@Test
	void conflictsAreToleratedWhereAttemptsDoNotSlowEachOtherDown() {
		long now = 1000;
		this.limit.start(32, 0, now);
		for (int i = 0; i < 200; i++) {
			now = oneMore((i % 2 == 0) ? 4 : 12, 5, now);
		}
		double before = this.limit.value();
		this.limit.begun();
		ended(now + 1, AttemptEnd.CONFLICT, now + 2);
		assertThat(this.limit.value()).isEqualTo(before);
	}

	@Test
	void conflictsAreNotToleratedWhereAttemptsTakeTurns() {
		long now = 1000;
		this.limit.start(32, 0, now);
		for (int i = 0; i < 200; i++) {
			now = oneMore((i % 2 == 0) ? 4 : 12, (i % 2 == 0) ? 4 : 12, now);
		}
		double before = this.limit.value();
		this.limit.begun();
		ended(now + 1, AttemptEnd.CONFLICT, now + 2);
		assertThat(this.limit.value()).isEqualTo(before / 2);
	}

	/**
	 * An attempt has ended beside others.
	 */
	private void ended(long begun, AttemptEnd end, long now) {
		this.limit.ended(true, begun, end, false, now);
	}

	/**
	 * One attempt is committed while as many are under way as given, after as many
	 * seconds.
	 */
	private long oneMore(int underWay, int seconds, long now) {
		while (this.limit.underWay() < underWay) {
			this.limit.begun();
		}
		while (this.limit.underWay() > underWay) {
			ended(now, AttemptEnd.OTHER, now);
		}
		ended(now, AttemptEnd.COMMIT, now + seconds * SECOND);
		return now + seconds * SECOND;
	}

	@Test
	void isOverAfterCommitsForWhichNobodyWaited() {
		this.limit.start(AdaptiveLimit.QUIET_COMMITS * 4, 0, 1000);
		commit(AdaptiveLimit.QUIET_COMMITS - 1);
		assertThat(this.limit.isOver(1001)).isFalse();
		this.limit.missed();
		commit(AdaptiveLimit.QUIET_COMMITS - 1);
		assertThat(this.limit.isOver(1001)).isFalse();
		commit(1);
		assertThat(this.limit.isOver(1001)).isTrue();
		this.limit.earlierEnded(AttemptEnd.CONFLICT, 1002);
		assertThat(this.limit.isOver(1002)).isFalse();
	}

	@Test
	void isOverWhenNothingHasHappenedForLong() {
		this.limit.start(2, 0, 1000);
		assertThat(this.limit.isOver(1000 + 2 * AdaptiveLimit.IDLE_NANOS)).isFalse();
		this.limit.earlierEnded(AttemptEnd.OTHER, 2000);
		assertThat(this.limit.isOver(2000 + AdaptiveLimit.IDLE_NANOS)).isFalse();
		assertThat(this.limit.isOver(2001 + AdaptiveLimit.IDLE_NANOS)).isTrue();
	}

	@Test
	void aStallIsTheTimeSinceAnythingEndedOrTheWaitBegan() {
		this.limit.start(2, 0, 1000);
		assertThat(this.limit.stallsAt(500)).isEqualTo(1000 + SECOND);
		assertThat(this.limit.stallsAt(1500)).isEqualTo(1500 + SECOND);
		this.limit.earlierEnded(AttemptEnd.OTHER, 3000);
		assertThat(this.limit.stallsAt(1500)).isEqualTo(3000 + SECOND);
	}

	@Test
	void attemptsThatUsuallyTakeLongAreNoStall() {
		this.limit.start(100, 0, 1);
		for (int i = 0; i < 50; i++) {
			ended(1, AttemptEnd.COMMIT, 1 + 10 * SECOND);
		}
		assertThat(this.limit.stallsAt(0)).isEqualTo(1 + 10 * SECOND + 40 * SECOND);
	}

	@Test
	void aStallMakesRoomForOne() {
		this.limit.start(4, 0, 1000);
		assertThat(this.limit.hasRoom(NOW)).isFalse();
		this.limit.stalled(2000);
		assertThat(this.limit.hasRoom(NOW)).isTrue();
		this.limit.begun();
		assertThat(this.limit.hasRoom(NOW)).isFalse();
	}

	private void commit(int times) {
		for (int i = 0; i < times; i++) {
			this.limit.earlierEnded(AttemptEnd.COMMIT, 1001);
		}
	}

}
