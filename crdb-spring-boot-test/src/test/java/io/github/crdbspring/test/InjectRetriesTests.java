package io.github.crdbspring.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link InjectRetries} without Spring: what fails, and what is true
 * afterwards.
 */
@CrdbTestDatabase
class InjectRetriesTests {

	private static Kit kit;

	@BeforeAll
	static void prepare(TestDatabase database) {
		kit = Kit.of(database.dataSource());
		kit.jdbc().sql("CREATE TABLE entry (id INT PRIMARY KEY)").update();
	}

	@Test
	void nothingFailsWithoutTheAnnotation() {
		kit.insert("plain", 1);
		assertThat(kit.attempts()).transaction("plain").hasAttempts(1).committed();
	}

	@Test
	@InjectRetries
	void aTransactionFailsOnceAtCommit() {
		kit.insert("once", 2);
		assertThat(kit.attempts()).transaction("once")
			.hasCalls(1)
			.hasAttempts(2)
			.failedWith("40001")
			.committed()
			.pausedBetween(Duration.ofNanos(1), Duration.ofSeconds(1));
		assertThat(kit.count(2)).isOne();
	}

	@Test
	@InjectRetries
	void attemptsAreAParameter(TestDatabase database, TransactionAttempts attempts) {
		CrdbDataSource dataSource = database.dataSource();
		new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource), dataSource, Kit.named("parameter"),
				attempts.observe(CrdbTransactionSettings.defaults()))
			.executeWithoutResult((status) -> JdbcClient.create(dataSource).sql("SELECT 1").query().singleValue());
		assertThat(attempts).transaction("parameter").hasAttempts(2);
	}

	@Test
	@InjectRetries(times = 3)
	void aTransactionFailsAsOftenAsAskedFor() {
		kit.insert("thrice", 3);
		assertThat(kit.attempts()).transaction("thrice").hasAttempts(4).committed();
		assertThat(kit.count(3)).isOne();
	}

	@Test
	@InjectRetries(times = 10)
	void theCallerGetsTheFailureInTheEnd() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(() -> kit.insert("never", 4));
		assertThat(kit.attempts()).transaction("never").hasAttempts(10).endedWith(TransactionOutcome.EXHAUSTED);
		assertThat(kit.count(4)).isZero();
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT)
	void aStatementFailsAsTheServersWould() {
		int[] calls = { 0 };
		kit.template().executeWithoutResult(Kit.named("statement"), (status) -> {
			Throwable failure = catchThrowable(() -> kit.jdbc().sql("INSERT INTO entry VALUES (5)").update());
			if (++calls[0] == 1) {
				assertThat(failure).isInstanceOf(CannotAcquireLockException.class)
					.hasCauseInstanceOf(PSQLException.class);
				assertThat(failure).hasMessageContaining("restart transaction");
				assertThat(((PSQLException) failure.getCause()).getSQLState()).isEqualTo("40001");
				assertThat(catchThrowable(() -> kit.jdbc().sql("SELECT 1").query().singleValue()))
					.hasRootCauseInstanceOf(PSQLException.class)
					.isInstanceOf(DataAccessException.class)
					.hasMessageContaining("aborted");
			}
		});
		assertThat(kit.attempts()).transaction("statement").hasAttempts(2).failedWith("40001").committed();
		assertThat(kit.count(5)).isOne();
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_COMMITTED)
	void theOutcomeIsUnknownAndCommitted() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> kit.insert("committed", 6));
		assertThat(kit.attempts()).transaction("committed")
			.hasAttempts(1)
			.failedWith("40003")
			.endedWith(TransactionOutcome.AMBIGUOUS);
		assertThat(kit.count(6)).isOne();
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_ROLLED_BACK)
	void theOutcomeIsUnknownAndRolledBack() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> kit.insert("rolled back", 7));
		assertThat(kit.count(7)).isZero();
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_ROLLED_BACK)
	void anIdempotentTransactionIsRunAgainAfterAnUnknownOutcome() {
		CrdbTransactionOptions idempotent = CrdbTransactionOptions.builder()
			.name("idempotent")
			.idempotent(true)
			.build();
		kit.template()
			.executeWithoutResult(idempotent, (status) -> kit.jdbc().sql("INSERT INTO entry VALUES (8)").update());
		assertThat(kit.attempts()).transaction("idempotent").hasAttempts(2).committed();
		assertThat(kit.count(8)).isOne();
	}

	@Test
	@InjectRetries(at = FailurePoint.CONNECTION_LOST)
	void theConnectionIsLost() {
		kit.insert("lost", 9);
		assertThat(kit.attempts()).transaction("lost").hasAttempts(2).failedWith("08006").committed();
		assertThat(kit.count(9)).isOne();
		kit.insert("after", 10);
	}

	@Test
	@InjectRetries(transaction = "chosen*")
	void onlyTheNamedTransactionFails() {
		kit.insert("other", 11);
		kit.insert("chosen one", 12);
		assertThat(kit.attempts()).transaction("other").wasNotRetried();
		assertThat(kit.attempts()).transaction("chosen one").wasRetried();
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "update ENTRY  set%where")
	void onlyTheNamedStatementFails() {
		int[] reached = { 0, 0 };
		kit.template().executeWithoutResult(Kit.named("update"), (status) -> {
			reached[0]++;
			kit.jdbc().sql("INSERT INTO entry VALUES (13)").update();
			reached[1]++;
			kit.jdbc().sql("UPDATE entry SET id = 14 WHERE id = 13").update();
			reached[1]++;
		});
		assertThat(reached).containsExactly(2, 3);
	}

	@Test
	@InjectRetries(statement = "DELETE")
	void onlyTheCommitOfATransactionWithTheStatementFails() {
		kit.insert("insert", 15);
		kit.template()
			.executeWithoutResult(Kit.named("delete"),
					(status) -> kit.jdbc().sql("DELETE FROM entry WHERE id = 15").update());
		assertThat(kit.attempts()).transaction("insert").wasNotRetried();
		assertThat(kit.attempts()).transaction("delete").wasRetried();
	}

	@Test
	@InjectRetries(transaction = "springs")
	void aTransactionOfSpringsFailsIfNamed() {
		TransactionTemplate springs = new TransactionTemplate(kit.template().getTransactionManager());
		springs.setName("springs");
		assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> springs
			.executeWithoutResult((status) -> kit.jdbc().sql("INSERT INTO entry VALUES (16)").update()));
		assertThat(kit.count(16)).isZero();
		springs.executeWithoutResult((status) -> kit.jdbc().sql("INSERT INTO entry VALUES (16)").update());
		assertThat(kit.count(16)).isOne();
	}

	@Test
	@InjectRetries
	void aTransactionOfSpringsAndAStatementOutsideOfOneDoNotFailUnnamed() {
		new TransactionTemplate(kit.template().getTransactionManager())
			.executeWithoutResult((status) -> kit.jdbc().sql("INSERT INTO entry VALUES (17)").update());
		kit.jdbc().sql("INSERT INTO entry VALUES (18)").update();
		kit.insert("own", 19);
		assertThat(kit.attempts()).transaction("own").hasAttempts(2);
	}

	@Test
	@InjectRetries
	void aTransactionOfSpringsOnAnotherConnectionDoesNotFailThoughItIsTheFirstToUseOne() {
		TransactionTemplate beside = new TransactionTemplate(kit.template().getTransactionManager());
		beside.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		List<Integer> ids = new ArrayList<>(List.of(61, 62));
		kit.template().executeWithoutResult(Kit.named("beside"), (status) -> {
			int id = ids.remove(0);
			beside.executeWithoutResult((inner) -> kit.jdbc().sql("INSERT INTO entry VALUES (?)").param(id).update());
			kit.jdbc().sql("INSERT INTO entry VALUES (63)").update();
		});
		assertThat(kit.attempts()).transaction("beside").hasAttempts(2).committed();
		assertThat(List.of(kit.count(61), kit.count(62), kit.count(63))).containsOnly(1);
	}

	@Test
	@InjectRetries(at = FailurePoint.DEADLINE, times = 2)
	void thereIsNoTimeForAnotherAttempt() {
		CrdbTransactionOptions withTimeout = Kit.named("deadline").toBuilder().timeout(Duration.ofHours(1)).build();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class).isThrownBy(() -> kit.template()
			.executeWithoutResult(withTimeout, (status) -> kit.jdbc().sql("INSERT INTO entry VALUES (23)").update()))
			.satisfies((ex) -> assertThat(ex.getElapsed()).isGreaterThan(Duration.ofHours(1)));
		assertThat(kit.attempts()).transaction("deadline")
			.hasAttempts(1)
			.failedWith("40001")
			.endedWith(TransactionOutcome.DEADLINE);
		assertThat(kit.count(23)).isZero();
	}

	@Test
	@InjectRetries(times = 9)
	void pausesThatAreSkippedCountForTheTimeout() {
		BackoffSettings slow = new BackoffSettings(Duration.ofMinutes(10), 1, Duration.ofMinutes(10), 0);
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(new JdbcTransactionManager(kit.dataSource()),
				kit.dataSource(), Kit.named("slow").toBuilder().timeout(Duration.ofMinutes(25)).build(),
				kit.attempts().observe(CrdbTransactionSettings.builder().backoff(slow).contention(null).build()));
		assertThatExceptionOfType(TransactionDeadlineExceededException.class).isThrownBy(
				() -> template.executeWithoutResult((status) -> kit.jdbc().sql("SELECT 1").query().singleValue()));
		assertThat(kit.attempts()).transaction("slow")
			.hasAttempts(3)
			.pausedBetween(Duration.ofMinutes(20), Duration.ofMinutes(20));
	}

	@Test
	@InjectRetries(every = false, times = 2)
	void onlyTheFirstAttemptsOfTheTestFail() {
		kit.insert("first", 24);
		kit.insert("second", 25);
		assertThat(kit.attempts()).transaction("first").hasAttempts(3).committed();
		assertThat(kit.attempts()).transaction("second").hasAttempts(1).committed();
	}

	@Test
	@EnabledOnCockroach("22.1")
	@InjectRetries(at = FailurePoint.STATEMENT, server = true, times = 2)
	void aStatementFailsByTheServersOwnMaking() {
		kit.insert("server", 26);
		assertThat(kit.attempts()).transaction("server").hasAttempts(3).failedWith("40001").committed();
		assertThat(kit.attempts().transactions()).filteredOn((transaction) -> transaction.name().equals("server"))
			.singleElement()
			.satisfies((transaction) -> assertThat(transaction.attempts().get(0).failure()).rootCause()
				.hasMessageContaining("injected by `inject_retry_errors_enabled` session variable"));
		assertThat(kit.count(26)).isOne();
		kit.insert("after", 27);
	}

	@Test
	@EnabledOnCockroach("23.1")
	@InjectRetries(server = true)
	void aCommitFailsByTheServersOwnMaking() {
		kit.insert("server commit", 28);
		assertThat(kit.attempts()).transaction("server commit").hasAttempts(2).failedWith("40001").committed();
		assertThat(kit.count(28)).isOne();
	}

	@ParameterizedTest
	@ValueSource(ints = { 20, 21 })
	@InjectRetries
	void eachInvocationOfAParameterizedTestStartsAnew(int id) {
		kit.insert("parameterized", id);
		assertThat(kit.attempts()).transaction("parameterized").hasCalls(1).hasAttempts(2);
	}

	@ParameterizedTest
	@EnumSource(FailurePoint.class)
	@InjectRetries
	void transactionsThatRollBackAreLeftAlone(FailurePoint point) {
		kit.template().executeWithoutResult(Kit.named("rollback"), (status) -> {
			kit.jdbc().sql("INSERT INTO entry VALUES (22)").update();
			status.setRollbackOnly();
		});
		assertThat(kit.attempts()).transaction("rollback").hasAttempts(1).endedWith(TransactionOutcome.ROLLED_BACK);
		kit.insert("counts", 100 + point.ordinal());
	}

	/**
	 * Derives what is not said here from a base class.
	 */
	@Nested
	class Derived extends FailingTwice {

		@Test
		void theAnnotationIsInherited() {
			kit.insert("inherited", 30);
			assertThat(kit.attempts()).transaction("inherited").hasAttempts(3);
		}

		@Test
		@InjectRetries(times = 0)
		void aMethodIsExempt() {
			kit.insert("exempt", 31);
			assertThat(kit.attempts()).transaction("exempt").hasAttempts(1);
		}

	}

	/**
	 * Has the annotation on the class.
	 */
	@Nested
	@InjectRetries
	class OnClass {

		@Test
		void holdsForEachMethod() {
			kit.insert("class", 40);
			assertThat(kit.attempts()).transaction("class").hasAttempts(2);
		}

		@Test
		@InjectRetries(times = 2)
		void theMethodsOwnWins() {
			kit.insert("method", 41);
			assertThat(kit.attempts()).transaction("method").hasAttempts(3);
		}

		/**
		 * Has none of its own.
		 */
		@Nested
		class Inside {

			@Test
			void holdsForNestedClasses() {
				kit.insert("nested", 42);
				assertThat(kit.attempts()).transaction("nested").hasAttempts(2);
			}

		}

	}

	/**
	 * A base class.
	 */
	@InjectRetries(times = 2)
	static class FailingTwice {

	}

}
