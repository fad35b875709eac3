package io.github.crdbspring.transaction.contention;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CallKeys}.
 */
class CallKeysTests {

	@Test
	void simpleArgumentsAreCandidates() {
		assertThat(candidates(UUID.randomUUID(), 1L, 2.5, new BigDecimal("7.1"), "text", AttemptEnd.COMMIT)).hasSize(6);
	}

	@Test
	void otherArgumentsAreNot() {
		assertThat(candidates(null, new Object(), List.of(1), new byte[] { 1 }, Duration.ZERO, true)).isEmpty();
	}

	@Test
	void aValueIsTheSameKeyWhereverItStands() {
		assertThat(candidates(5L, "a")).containsExactlyInAnyOrder(candidates("a", 5L));
		assertThat(candidates(new StringBuilder("a"))).containsExactly(candidates("a"));
	}

	@Test
	void anAmountIsNoAccount() {
		assertThat(candidates(5)).isNotEqualTo(candidates(5L));
	}

	@Test
	void theSameValueTwiceIsOneKey() {
		assertThat(candidates(5L, 5L)).hasSize(1);
	}

	@Test
	void differentValuesAreDifferentKeys() {
		assertThat(candidates(0, 1, -1, "", "0", AttemptEnd.COMMIT, AttemptEnd.CONFLICT, new UUID(0, 0)))
			.doesNotHaveDuplicates()
			.hasSize(8)
			.doesNotContain(Admission.NAME);
	}

	@Test
	void theFirstArgumentsAreEnough() {
		assertThat(candidates(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).containsExactly(candidates(1, 2, 3, 4, 5, 6, 7, 8));
	}

	@Test
	void keysThatAreNamedMayBeOfAnyTypeAndNumber() {
		assertThat(CallKeys.named(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, Duration.ZERO)).hashes()).hasSize(10);
		assertThat(CallKeys.named(List.of(new Key("a", 1))).hashes())
			.containsExactly(CallKeys.named(List.of(new Key("a", 1))).hashes());
		assertThat(CallKeys.named(List.of(new byte[] { 1, 2 })).hashes())
			.containsExactly(CallKeys.named(List.of(new byte[] { 1, 2 })).hashes());
	}

	@Test
	void whoNamesAValueMeansTheSameAsAnArgument() {
		assertThat(CallKeys.named(List.of(5L)).hashes()).containsExactly(candidates(5L));
	}

	@Test
	void eachCallIsEvidenceOnce() {
		CallKeys keys = CallKeys.none();
		assertThat(keys.judgeOnce()).isTrue();
		assertThat(keys.judgeOnce()).isFalse();
	}

	private static long[] candidates(@Nullable Object... arguments) {
		return CallKeys.candidates(arguments).hashes();
	}

	/**
	 * A key of two parts.
	 *
	 * @param text the one
	 * @param number the other
	 */
	private record Key(String text, int number) {

	}

}
