package io.github.crdbspring.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link NestedTransactionPolicy#REQUIRES_NEW}: a transaction of its own inside
 * another one on the same DataSource, and after that has ended.
 */
class RequiresNewTests extends AccountTests {

	private static final CrdbTransactionOptions REQUIRES_NEW = CrdbTransactionOptions.builder()
		.nested(NestedTransactionPolicy.REQUIRES_NEW)
		.maxAttempts(3)
		.build();

	private final HikariDataSource pool = database.pool(2);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	private final CrdbTransactionTemplate template = this.fixture.template();

	@AfterEach
	void verifyNothingIsLeft() {
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		assertThat(TransactionAttempt.current()).isEmpty();
	}

	private Stream<TransactionOperations> outer() {
		return Stream.of(this.template, new TransactionTemplate(this.fixture.transactionManager));
	}

	@Test
	void itIsCommittedWhateverBecomesOfTheOuterOne() {
		outer().forEach((outer) -> {
			conflicts.reset();
			outer.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				addInANewTransaction(2);
				assertThat(conflicts.balance(2)).isEqualTo(107);
				status.setRollbackOnly();
			});
			assertThat(conflicts.balance(1)).isEqualTo(100);
			assertThat(conflicts.balance(2)).isEqualTo(107);
		});
	}

	@Test
	void itIsRetriedByItselfAndTheOuterOneGoesOn() {
		outer().forEach((outer) -> {
			conflicts.reset();
			List<Integer> inner = new ArrayList<>();
			List<String> runs = new ArrayList<>();
			outer.executeWithoutResult((status) -> {
				runs.add("outer");
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.template.executeWithoutResult(REQUIRES_NEW, (innerStatus) -> {
					assertThat(innerStatus.isNewTransaction()).isTrue();
					inner.add(TransactionAttempt.current().orElseThrow().number());
					Conflicts.read(this.fixture.jdbc, 2);
					if (inner.size() == 1) {
						conflicts.lostUpdate(2);
					}
					Conflicts.add(this.fixture.jdbc, 2, 7);
				});
			});
			assertThat(runs).containsExactly("outer");
			assertThat(inner).containsExactly(1, 2);
			assertThat(conflicts.balance(1)).isEqualTo(105);
			assertThat(conflicts.balance(2)).isEqualTo(1107);
		});
	}

	@Test
	void itsFailureIsNotTheOuterOnes() {
		outer().forEach((outer) -> {
			conflicts.reset();
			outer.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				assertThatExceptionOfType(MaxAttemptsExceededException.class)
					.isThrownBy(() -> this.template.executeWithoutResult(REQUIRES_NEW, (innerStatus) -> {
						Conflicts.read(this.fixture.jdbc, 2);
						conflicts.lostUpdate(2);
						Conflicts.add(this.fixture.jdbc, 2, 7);
					}));
			});
			assertThat(conflicts.balance(1)).isEqualTo(105);
			assertThat(conflicts.balance(2)).isEqualTo(3100);
		});
	}

	@Test
	void anExhaustedOneDoesNotRunTheOuterOneAgain() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				this.fixture.attempt();
				this.template.executeWithoutResult(REQUIRES_NEW, (innerStatus) -> {
					Conflicts.read(this.fixture.jdbc, 2);
					conflicts.lostUpdate(2);
					Conflicts.add(this.fixture.jdbc, 2, 7);
				});
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void optionsThatContradictTheOuterOnesAreItsOwnBusiness() {
		CrdbTransactionOptions readOnly = CrdbTransactionOptions.builder().readOnly(true).idempotent(true).build();
		this.template.executeWithoutResult(readOnly, (status) -> addInANewTransaction(1));
		assertThat(conflicts.balance(1)).isEqualTo(107);
	}

	@Test
	void aTransactionInsideJoinsItAndTheOuterOneIsFoundAgainAfterIt() {
		this.template.executeWithoutResult((status) -> {
			TransactionAttempt outer = TransactionAttempt.current().orElseThrow();
			this.template.executeWithoutResult(REQUIRES_NEW, (innerStatus) -> {
				TransactionAttempt inner = TransactionAttempt.current().orElseThrow();
				assertThat(inner).isNotSameAs(outer);
				this.template.executeWithoutResult((joined) -> {
					assertThat(joined.isNewTransaction()).isFalse();
					assertThat(TransactionAttempt.current()).containsSame(inner);
				});
			});
			assertThat(TransactionAttempt.current()).containsSame(outer);
			this.template.executeWithoutResult((joined) -> assertThat(joined.isNewTransaction()).isFalse());
		});
	}

	@Test
	void withoutAnOuterOneItIsLikeAnyOther() {
		addInANewTransaction(1);
		assertThat(conflicts.balance(1)).isEqualTo(107);
	}

	static Stream<Arguments> callbacks() {
		return Stream.of(Ordered.HIGHEST_PRECEDENCE, 0, Ordered.LOWEST_PRECEDENCE)
			.flatMap((order) -> Stream.of(true, false)
				.flatMap((autoCommit) -> Stream.of(true, false)
					.map((afterCommit) -> Arguments.of(order, autoCommit, afterCommit))));
	}

	@ParameterizedTest
	@MethodSource("callbacks")
	void itCanBeAskedForByACallbackAfterTheCommit(int order, boolean autoCommit, boolean afterCommit) {
		this.pool.setAutoCommit(autoCommit);
		List<Integer> attempts = new ArrayList<>();
		Runnable callback = () -> this.template.executeWithoutResult(REQUIRES_NEW, (status) -> {
			attempts.add(TransactionAttempt.current().orElseThrow().number());
			Conflicts.read(this.fixture.jdbc, 2);
			if (attempts.size() == 1) {
				conflicts.lostUpdate(2);
			}
			Conflicts.add(this.fixture.jdbc, 2, 7);
		});
		this.template.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager
				.registerSynchronization(new AfterTransaction(order, afterCommit, callback));
		});
		assertThat(attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(conflicts.balance(2)).isEqualTo(1107);
	}

	@Test
	void itCanBeAskedForByACallbackAfterTheCommitOfATransactionOfSprings() {
		new TransactionTemplate(this.fixture.transactionManager).executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager
				.registerSynchronization(new AfterTransaction(0, true, () -> addInANewTransaction(2)));
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(conflicts.balance(2)).isEqualTo(107);
	}

	@Test
	void itCanBeAskedForByACallbackAfterARollback() {
		this.template.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager
				.registerSynchronization(new AfterTransaction(0, false, () -> addInANewTransaction(2)));
			status.setRollbackOnly();
		});
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(conflicts.balance(2)).isEqualTo(107);
	}

	private void addInANewTransaction(int id) {
		this.template.executeWithoutResult(REQUIRES_NEW, (status) -> Conflicts.add(this.fixture.jdbc, id, 7));
	}

	/**
	 * Does something after the commit, or after the completion.
	 *
	 * @param order its place among others
	 * @param commit whether it is the commit
	 * @param action what it does
	 */
	private record AfterTransaction(int order, boolean commit, Runnable action) implements TransactionSynchronization {

		@Override
		public int getOrder() {
			return this.order;
		}

		@Override
		public void afterCommit() {
			if (this.commit) {
				this.action.run();
			}
		}

		@Override
		public void afterCompletion(int status) {
			if (!this.commit) {
				this.action.run();
			}
		}

	}

}
