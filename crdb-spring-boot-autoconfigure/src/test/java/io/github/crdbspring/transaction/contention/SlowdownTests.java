package io.github.crdbspring.transaction.contention;

import java.util.Random;
import java.util.function.IntToDoubleFunction;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link Slowdown}.
 */
class SlowdownTests {

	private static final double MILLISECOND = 1_000_000;

	private final Random random = new Random(7);

	private final Slowdown slowdown = new Slowdown();

	@Test
	void atFirstMoreAtOnceAreThoughtToGetNoMoreDone() {
		assertThat(this.slowdown.elasticity()).isOne();
		assertThat(this.slowdown.bestConflictShare()).isZero();
	}

	@Test
	void aFewAttemptsTeachLittle() {
		add(3, (number) -> 5);
		assertThat(this.slowdown.elasticity()).isGreaterThan(0.3);
	}

	@Test
	void aNumberThatDoesNotVaryTeachesNothing() {
		for (int i = 0; i < 10_000; i++) {
			this.slowdown.add(4, 5_000_000 + this.random.nextInt(1_000_000));
		}
		assertThat(this.slowdown.elasticity()).isOne();
	}

	@Test
	void noiseInANumberThatHardlyVariesTeachesLittle() {
		for (int i = 0; i < 10_000; i++) {
			this.slowdown.add((i % 50 == 0) ? 15 : 16, 5_000_000 + this.random.nextInt(5_000_000));
		}
		assertThat(this.slowdown.elasticity()).isGreaterThan(0.6);
	}

	@Test
	void attemptsThatDoNotGetInEachOthersWayMayBeInConflictHalfOfTheTime() {
		add(1000, (number) -> 5);
		assertThat(this.slowdown.elasticity()).isCloseTo(0, within(0.1));
		assertThat(this.slowdown.bestConflictShare() / (double) ConflictShare.ALL).isCloseTo(0.47, within(0.03));
	}

	@Test
	void ofFewAttemptsFewerMayBeInConflict() {
		for (int i = 0; i < 1000; i++) {
			this.slowdown.add(1 + i % 2, 5_000_000);
		}
		assertThat(this.slowdown.bestConflictShare() / (double) ConflictShare.ALL).isCloseTo(0.25, within(0.03));
	}

	@Test
	void anAttemptAloneMayNotBeInConflict() {
		for (int i = 0; i < 1000; i++) {
			this.slowdown.add(1, 5_000_000 + this.random.nextInt(1_000_000));
		}
		assertThat(this.slowdown.bestConflictShare()).isZero();
	}

	@Test
	void attemptsThatTakeTurnsMayHardlyBeInConflict() {
		add(1000, (number) -> 2 * number);
		assertThat(this.slowdown.elasticity()).isCloseTo(1, within(0.1));
		assertThat(this.slowdown.bestConflictShare() / (double) ConflictShare.ALL).isLessThan(0.1);
	}

	@Test
	void inBetweenItIsInBetween() {
		add(1000, (number) -> 8 + number);
		assertThat(this.slowdown.elasticity()).isCloseTo(0.5, within(0.1));
		assertThat(this.slowdown.bestConflictShare() / (double) ConflictShare.ALL).isCloseTo(1 / 3.0, within(0.05));
	}

	@Test
	void forgetsWhatIsLongAgo() {
		add(1000, (number) -> 2 * number);
		add(10_000, (number) -> 16);
		assertThat(this.slowdown.elasticity()).isCloseTo(0, within(0.1));
	}

	private void add(int times, IntToDoubleFunction millis) {
		for (int i = 0; i < times; i++) {
			int number = 1 + this.random.nextInt(15);
			double noise = 0.8 + 0.4 * this.random.nextDouble();
			this.slowdown.add(number, (long) (noise * millis.applyAsDouble(number) * MILLISECOND));
		}
	}

}
