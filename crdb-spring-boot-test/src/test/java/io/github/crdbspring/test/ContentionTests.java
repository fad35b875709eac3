package io.github.crdbspring.test;

import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Contention}: the conflicts are real.
 */
@CrdbTestDatabase
class ContentionTests {

	private static Kit kit;

	@BeforeAll
	static void prepare(TestDatabase database) {
		kit = Kit.of(database.dataSource());
		kit.jdbc().sql("CREATE TABLE counter (id INT PRIMARY KEY, value INT)").update();
		kit.jdbc().sql("INSERT INTO counter VALUES (1, 0), (2, 0)").update();
	}

	@BeforeEach
	void reset() {
		kit.attempts().clear();
		kit.jdbc().sql("UPDATE counter SET value = 0").update();
	}

	@Test
	void aReadAndAWriteOfTheSameRowConflict() throws Exception {
		Contention.race(2, () -> increment("race"));
		assertThat(kit.attempts()).transaction("race").hasCalls(2).wasRetried().failedWith("40001").committed();
		assertThat(value(1)).isEqualTo(2);
	}

	@Test
	void moreThanTwoConflict() throws Exception {
		Contention.race(5, () -> increment("five"));
		assertThat(kit.attempts()).transaction("five").hasCalls(5).wasRetried().committed();
		assertThat(value(1)).isEqualTo(5);
	}

	@Test
	void whatReadsWhatTheOtherWritesConflictsAtCommit() throws Exception {
		AtomicInteger number = new AtomicInteger();
		Contention.raceToCommit(2, () -> {
			int own = number.incrementAndGet();
			kit.template().executeWithoutResult(Kit.named("skew"), (status) -> {
				int sum = kit.jdbc().sql("SELECT sum(value) FROM counter").query(Integer.class).single();
				kit.jdbc().sql("UPDATE counter SET value = ? WHERE id = ?").params(sum + 1, own).update();
			});
		});
		assertThat(kit.attempts()).transaction("skew").hasCalls(2).wasRetried().failedWith("40001").committed();
		assertThat(value(1) + value(2)).isEqualTo(3);
	}

	@Test
	void aTransactionThatNobodyRetriesFails() {
		TransactionTemplate springs = new TransactionTemplate(kit.template().getTransactionManager());
		assertThatExceptionOfType(PessimisticLockingFailureException.class)
			.isThrownBy(() -> Contention.race(2, () -> springs.executeWithoutResult((status) -> readAndWrite())));
	}

	@Test
	void oneIsNoRace() {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Contention.race(1, () -> {
		})).withMessage("'racers' must be at least 2, but is 1");
	}

	private static void increment(String name) {
		kit.template().executeWithoutResult(Kit.named(name), (status) -> readAndWrite());
	}

	private static void readAndWrite() {
		int value = value(1);
		kit.jdbc().sql("UPDATE counter SET value = ? WHERE id = 1").param(value + 1).update();
	}

	private static int value(int id) {
		return kit.jdbc().sql("SELECT value FROM counter WHERE id = ?").param(id).query(Integer.class).single();
	}

}
