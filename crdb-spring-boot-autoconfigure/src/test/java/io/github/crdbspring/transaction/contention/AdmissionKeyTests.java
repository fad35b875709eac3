package io.github.crdbspring.transaction.contention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Admission} with keys.
 */
class AdmissionKeyTests {

	private static final long HOT = 1;

	private final AtomicLong time = new AtomicLong(1);

	private final Admission admission = admission(0.1);

	private int cold = 1000;

	@Test
	void whatConflictsConcentrateOnBecomesAKey() {
		makeKey(HOT);
		assertThat(this.admission.keys()).isOne();
		assertThat(this.admission.limit()).isOne();
	}

	@Test
	void onlyCallsWithTheKeyAreHeldUp() {
		makeKey(HOT);
		assertThat(begin(HOT)).isNotNull();
		assertThat(begin(HOT)).isNull();
		for (int i = 0; i < 100; i++) {
			assertThat(begin(this.cold++)).isNotNull();
		}
	}

	@Test
	void theNameIsFreeOnceTheKeyIsKnown() {
		// First all have it, so that nothing tells it from the name
		for (int i = 0; i < 4; i++) {
			conflict(HOT);
		}
		assertThat(this.admission.keys()).isZero();
		assertThat(this.admission.limit()).isNotNaN();
		for (int i = 0; i < 3 * Suspects.ENOUGH_OTHERS; i++) {
			commit(this.cold++);
		}
		conflict(HOT);
		assertThat(this.admission.keys()).isOne();
		assertThat(begin(HOT)).isNotNull();
		assertThat(begin(HOT)).isNull();
		assertThat(begin(this.cold++)).isNotNull();
		assertThat(begin(this.cold++)).isNotNull();
	}

	@Test
	void conflictsThatHaveNothingInCommonLimitTheName() {
		for (int i = 0; i < 8; i++) {
			conflict(this.cold++);
		}
		assertThat(this.admission.keys()).isZero();
		assertThat(this.admission.limit()).isLessThanOrEqualTo(1);
		assertThat(begin(this.cold++)).isNotNull();
		assertThat(begin(this.cold++)).isNull();
	}

	@Test
	void anArgumentThatAllCallsHaveIsNoKey() {
		for (int i = 0; i < 200; i++) {
			if (i % 4 == 0) {
				conflict("EUR", this.cold++);
			}
			else {
				commit("EUR", this.cold++);
			}
		}
		assertThat(this.admission.keys()).isZero();
		assertThat(this.admission.limit()).isNotNaN();
	}

	@Test
	void anArgumentBesideTheHotOneIsNoKey() {
		for (int i = 0; i < 200; i++) {
			commit("EUR", this.cold++);
			commit("USD", this.cold++);
			if (i % 4 == 0) {
				conflict((i % 8 == 0) ? "EUR" : "USD", HOT);
			}
		}
		assertThat(this.admission.keys()).isOne();
		assertThat(begin(HOT)).isNotNull();
		assertThat(begin(HOT)).isNull();
		assertThat(begin("EUR", this.cold++)).isNotNull();
		assertThat(begin("USD", this.cold++)).isNotNull();
	}

	@Test
	void aCallThatIsRetriedOftenIsNoEvidenceForWhatOnlyItHas() {
		for (int i = 0; i < 100; i++) {
			commit(this.cold++);
		}
		CallKeys retried = candidates(UUID.randomUUID());
		for (int i = 0; i < 10; i++) {
			Ticket ticket = this.admission.beginAnyway(retried);
			this.time.addAndGet(1000);
			this.admission.end(ticket, retried, AttemptEnd.CONFLICT);
		}
		assertThat(this.admission.keys()).isZero();
	}

	@Test
	void aKeyThatIsNamedNeedsNoOthersToCompareWith() {
		for (int i = 0; i < Suspects.ENOUGH; i++) {
			CallKeys keys = CallKeys.named(List.of(HOT));
			this.admission.end(this.admission.beginAnyway(keys), keys, AttemptEnd.CONFLICT);
		}
		assertThat(this.admission.keys()).isOne();
	}

	@Test
	void aKeyIsGivenUpWhenNobodyHasToWaitForIt() {
		makeKey(HOT);
		for (int i = 0; i < AdaptiveLimit.QUIET_COMMITS; i++) {
			commit(HOT);
		}
		assertThat(this.admission.keys()).isZero();
		assertThat(this.admission.limit()).isNaN();
	}

	@Test
	void aKeyThatNobodyUsesIsForgotten() {
		makeKey(HOT);
		this.time.addAndGet(2 * AdaptiveLimit.IDLE_NANOS);
		assertThat(this.admission.keys()).isZero();
		commit(this.cold++);
		assertThat(begin(HOT)).isNotNull();
		assertThat(begin(HOT)).isNotNull();
	}

	@Test
	void afterAQuietTimeNothingIsKept() {
		makeKey(HOT);
		this.time.addAndGet(2 * AdaptiveLimit.IDLE_NANOS);
		commit(this.cold++);
		assertThat(begin(this.cold++)).isSameAs(Ticket.OPEN);
		assertThat(this.admission.underWay()).isOne();
	}

	@Test
	void attemptsFromBeforeTheQuietTimeAreTakenOff() {
		makeKey(HOT);
		CallKeys keys = candidates(HOT);
		Ticket old = this.admission.tryBegin(keys, 0);
		this.time.addAndGet(2 * AdaptiveLimit.IDLE_NANOS);
		CallKeys other = candidates(this.cold++);
		this.admission.end(this.admission.beginAnyway(other), other, AttemptEnd.COMMIT);
		this.admission.end(old, keys, AttemptEnd.COMMIT);
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void noMoreKeysThanAreAllowedAreInForce() {
		for (long key = 1; key <= 2 * KeyLimits.MAX_KEYS; key++) {
			makeKey(key);
		}
		assertThat(this.admission.keys()).isEqualTo(KeyLimits.MAX_KEYS);
	}

	@Test
	void callsThatHoldTwoKeysInEitherOrderDoNotBlockEachOther() {
		makeKey(1);
		makeKey(2);
		List<Waiter> waiters = new ArrayList<>();
		Ticket first = begin(1L, 2L);
		for (int i = 0; i < 10; i++) {
			waiters.add(this.admission.arrive((i % 2 == 0) ? candidates(2L, 1L) : candidates(1L, 2L), i));
		}
		assertThat(this.admission.waiting()).isEqualTo(10);
		this.admission.end(first, candidates(1L, 2L), AttemptEnd.OTHER);
		for (Waiter waiter : waiters) {
			assertThat(waiter.ticket()).isNotNull();
			this.admission.end(waiter.ticket(), waiter.keys(), AttemptEnd.OTHER);
		}
		assertThat(this.admission.waiting()).isZero();
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void whoNeedsTwoKeysIsNotOvertakenForEver() {
		makeKey(1);
		makeKey(2);
		Ticket one = begin(1L);
		Ticket two = begin(2L);
		Waiter both = this.admission.arrive(candidates(1L, 2L), 0);
		List<Waiter> young = new ArrayList<>();
		int overtaken = 0;
		for (int i = 0; both.ticket() == null; i++) {
			young.add(this.admission.arrive(candidates(1L), 1000 + i));
			young.add(this.admission.arrive(candidates(2L), 1000 + i));
			this.admission.end((i % 2 == 0) ? one : two, candidates((i % 2 == 0) ? 1L : 2L), AttemptEnd.OTHER);
			for (Waiter waiter : List.copyOf(young)) {
				if (waiter.ticket() != null) {
					overtaken++;
					young.remove(waiter);
					if (i % 2 == 0) {
						one = waiter.ticket();
					}
					else {
						two = waiter.ticket();
					}
				}
			}
			assertThat(i).as("ends until it is admitted").isLessThan(20);
		}
		assertThat(overtaken).isLessThanOrEqualTo(5);
	}

	@Test
	void whoCannotWaitTakesNobodysPlace() {
		makeKey(HOT);
		List<Ticket> above = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			above.add(this.admission.beginAnyway(candidates(HOT)));
		}
		Ticket ticket = begin(HOT);
		assertThat(ticket).isNotNull();
		assertThat(begin(HOT)).isNull();
		above.forEach((each) -> this.admission.end(each, candidates(HOT), AttemptEnd.COMMIT));
		this.admission.end(ticket, candidates(HOT), AttemptEnd.COMMIT);
		assertThat(this.admission.underWay()).isZero();
	}

	@Test
	void whoeverWaitsForANameIsFreeWhenAKeyIsFoundInstead() {
		for (int i = 0; i < 4; i++) {
			conflict(HOT);
		}
		for (int i = 0; i < 2 * Suspects.ENOUGH_OTHERS; i++) {
			commit(this.cold++);
		}
		CallKeys hot = candidates(HOT);
		Ticket ticket = this.admission.beginAnyway(hot);
		Ticket other = begin(this.cold++);
		assertThat(other).isNotNull();
		Waiter waiter = this.admission.arrive(candidates(this.cold++), 0);
		assertThat(waiter.ticket()).isNull();
		this.time.addAndGet(1000);
		this.admission.end(ticket, hot, AttemptEnd.CONFLICT);
		assertThat(this.admission.keys()).isOne();
		assertThat(waiter.ticket()).isNotNull();
		assertThat(this.admission.waiting()).isZero();
	}

	@Test
	void valuesAreNotShown() {
		CallKeys keys = candidates("secret");
		for (int i = 0; i < 4; i++) {
			this.admission.end(this.admission.beginAnyway(keys), keys, AttemptEnd.CONFLICT);
		}
		assertThat(this.admission.toString() + keys + begin("secret")).doesNotContain("secret");
	}

	/**
	 * Have calls of a key in conflict with each other, among others that are not.
	 */
	private void makeKey(long key) {
		int keys = this.admission.keys();
		for (int i = 0; i < 2 * Suspects.ENOUGH && this.admission.keys() == keys; i++) {
			conflict(key);
			for (int j = 0; j < Suspects.ENOUGH_OTHERS; j++) {
				commit(this.cold++);
			}
		}
	}

	/**
	 * Two calls are under way at the same time, and one of them ends in conflict.
	 */
	private void conflict(Object... arguments) {
		CallKeys first = candidates(arguments);
		CallKeys second = candidates(arguments);
		Ticket winner = this.admission.beginAnyway(first);
		Ticket loser = this.admission.beginAnyway(second);
		this.time.addAndGet(1000);
		this.admission.end(loser, second, AttemptEnd.CONFLICT);
		this.admission.end(winner, first, AttemptEnd.OTHER);
	}

	private void commit(Object... arguments) {
		CallKeys keys = candidates(arguments);
		Ticket ticket = this.admission.beginAnyway(keys);
		this.time.addAndGet(1000);
		this.admission.end(ticket, keys, AttemptEnd.COMMIT);
	}

	private Ticket begin(Object... arguments) {
		return this.admission.tryBegin(candidates(arguments), this.time.get());
	}

	private static CallKeys candidates(Object... arguments) {
		return CallKeys.candidates(arguments);
	}

	private Admission admission(double tolerance) {
		return new Admission("transfer", new ContentionSettings(0.25, 0.5, tolerance, Duration.ofHours(10), null),
				this.time::get, () -> 0.5);
	}

}
