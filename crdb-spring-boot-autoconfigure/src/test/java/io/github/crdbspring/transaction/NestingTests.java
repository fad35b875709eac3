package io.github.crdbspring.transaction;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.LogRecorder;
import io.github.crdbspring.test.RequiresCockroach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions inside transactions.
 */
class NestingTests extends AccountTests {

	private static final CrdbTransactionOptions NONE = CrdbTransactionOptions.none();

	// A second connection is never to be had: a rejection must not wait for one
	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(database.pool(1)));

	private final CrdbTransactionTemplate template = this.fixture.template();

	private final TransactionTemplate foreign = new TransactionTemplate(this.fixture.transactionManager);

	@ParameterizedTest
	@EnumSource(names = { "DEFAULT", "JOIN", "JOIN_ANY" })
	void joinsATransactionOfItsOwnKind(NestedTransactionPolicy policy) {
		this.template.executeWithoutResult((status) -> {
			TransactionAttempt outer = TransactionAttempt.current().orElseThrow();
			this.template.executeWithoutResult(nested(policy), (inner) -> {
				assertThat(inner.isNewTransaction()).isFalse();
				assertThat(TransactionAttempt.current()).containsSame(outer);
				Conflicts.add(this.fixture.jdbc, 1, 5);
			});
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	@Test
	void joinsFromAnotherTemplateOnTheSameDataSource() {
		CrdbTransactionTemplate other = this.fixture.template();
		this.template.executeWithoutResult(
				(status) -> other.executeWithoutResult((inner) -> assertThat(inner.isNewTransaction()).isFalse()));
	}

	@Test
	void anInnerConflictRunsTheOutermostAgain() {
		List<String> runs = new ArrayList<>();
		this.template.executeWithoutResult((status) -> {
			runs.add("outer");
			Conflicts.read(this.fixture.jdbc, 1);
			this.template.executeWithoutResult((inner) -> {
				runs.add("inner");
				if (this.fixture.attempt() == 1) {
					conflicts.lostUpdate(1);
				}
				Conflicts.add(this.fixture.jdbc, 1, 5);
			});
		});
		assertThat(runs).containsExactly("outer", "inner", "outer", "inner");
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void rejectsIfToldTo() {
		this.template
			.executeWithoutResult((status) -> assertRejected(nested(NestedTransactionPolicy.REJECT), "REJECT"));
		this.foreign.executeWithoutResult((status) -> assertRejected(nested(NestedTransactionPolicy.REJECT), "REJECT"));
	}

	@ParameterizedTest
	@EnumSource(names = { "DEFAULT", "JOIN" })
	void rejectsInsideAForeignTransaction(NestedTransactionPolicy policy) {
		this.foreign.executeWithoutResult((status) -> assertRejected(nested(policy), "not begun by this library"));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void joinsAForeignTransactionIfToldToAndWarnsOncePerName(CapturedOutput output) {
		CrdbTransactionOptions options = nested(NestedTransactionPolicy.JOIN_ANY).toBuilder().name("joiner").build();
		for (int i = 0; i < 2; i++) {
			this.foreign.executeWithoutResult((status) -> this.template.executeWithoutResult(options,
					(inner) -> Conflicts.add(this.fixture.jdbc, 1, 5)));
		}
		assertThat(conflicts.balance(1)).isEqualTo(110);
		assertThat(output.getOut().split("'joiner' joins a transaction", -1)).hasSize(2);
	}

	@Test
	void warnsOfNoMoreNamesThanAreRemembered() {
		CrdbTransactionOptions.Builder options = nested(NestedTransactionPolicy.JOIN_ANY).toBuilder();
		try (LogRecorder log = new LogRecorder()) {
			this.foreign.executeWithoutResult((status) -> {
				for (int i = 0; i < 600; i++) {
					this.template.executeWithoutResult(options.name("computed-" + i).build(), (inner) -> {
					});
				}
			});
			assertThat(log.warnings()).filteredOn((warning) -> warning.contains("joins a transaction"))
				.hasSizeBetween(1, 501);
		}
	}

	@Test
	@RequiresCockroach
	void aForeignTransactionCannotBeGivenAPriorityButTheUsualOneIsNoObstacle() {
		CrdbTransactionTemplate low = this.fixture.template(CrdbTransactionOptions.builder()
			.priority(TransactionPriority.LOW)
			.nested(NestedTransactionPolicy.JOIN_ANY)
			.build(), true);
		CrdbTransactionOptions high = CrdbTransactionOptions.builder().priority(TransactionPriority.HIGH).build();
		this.foreign.executeWithoutResult((status) -> {
			low.executeWithoutResult((inner) -> assertThat(inner.isNewTransaction()).isFalse());
			assertThatExceptionOfType(NestedTransactionRejectedException.class)
				.isThrownBy(() -> low.executeWithoutResult(high, (inner) -> this.fixture.attempt()))
				.withMessageContaining("priority");
		});
	}

	@Test
	void aConflictInsideAForeignTransactionIsNotRetried() {
		assertThatExceptionOfType(CannotAcquireLockException.class)
			.isThrownBy(() -> this.foreign.executeWithoutResult((status) -> {
				Conflicts.read(this.fixture.jdbc, 1);
				this.template.executeWithoutResult(nested(NestedTransactionPolicy.JOIN_ANY), (inner) -> {
					this.fixture.attempts.add(1);
					conflicts.lostUpdate(1);
					Conflicts.add(this.fixture.jdbc, 1, 5);
				});
			}));
		assertThat(this.fixture.attempts).hasSize(1);
	}

	@Test
	void rejectsAContradiction() {
		CrdbTransactionOptions.Builder outer = CrdbTransactionOptions.builder();
		assertContradiction(outer.readOnly(true).build(), NONE, "it may write");
		assertContradiction(NONE, CrdbTransactionOptions.builder().isolation(Isolation.SERIALIZABLE).build(),
				"isolation");
		assertContradiction(CrdbTransactionOptions.builder().idempotent(true).build(), NONE, "not idempotent");
		if (database.isCockroach()) {
			assertContradiction(NONE, CrdbTransactionOptions.builder().priority(TransactionPriority.HIGH).build(),
					"priority");
			assertContradiction(NONE, CrdbTransactionOptions.builder().systemTime(SystemTime.parse("-1us")).build(),
					"system time");
		}
	}

	@Test
	void aContradictionIsSaidInWordsForBothSides() {
		CrdbTransactionOptions outer = CrdbTransactionOptions.builder().name("outer").build();
		List<CrdbTransactionOptions> inner = new ArrayList<>(
				List.of(CrdbTransactionOptions.builder().isolation(Isolation.SERIALIZABLE).build()));
		if (database.isCockroach()) {
			inner.add(CrdbTransactionOptions.builder().priority(TransactionPriority.HIGH).build());
			inner.add(CrdbTransactionOptions.builder().systemTime(SystemTime.parse("-1us")).build());
		}
		this.template.executeWithoutResult(outer,
				(status) -> inner.forEach((options) -> assertThat(assertRejected(options, "'outer'").getMessage())
					.doesNotContain("DEFAULT", "null")));
	}

	@Test
	void joinsAReadOnlyTransactionWhereTheTransactionManagerValidates() {
		this.fixture.transactionManager.setValidateExistingTransaction(true);
		CrdbTransactionOptions readOnly = CrdbTransactionOptions.builder().readOnly(true).build();
		this.template.executeWithoutResult(readOnly, (status) -> {
			this.template.executeWithoutResult(readOnly, (inner) -> {
				assertThat(inner.isNewTransaction()).isFalse();
				this.fixture.attempt();
			});
			assertThatExceptionOfType(NestedTransactionRejectedException.class)
				.isThrownBy(() -> this.template.executeWithoutResult((inner) -> this.fixture.attempt()))
				.withMessageContaining("it may write");
		});
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void joinsWithOptionsThatAgree() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.readOnly(true)
			.idempotent(true)
			.isolation(Isolation.SERIALIZABLE)
			.build();
		this.template.executeWithoutResult(options,
				(status) -> this.template.executeWithoutResult(options, (inner) -> this.fixture.attempt()));
		this.template.executeWithoutResult((status) -> this.template.executeWithoutResult(
				CrdbTransactionOptions.builder().readOnly(true).build(), (inner) -> this.fixture.attempt()));
		assertThat(this.fixture.attempts).hasSize(2);
	}

	@Test
	void insideARequiresNewOfSpringsTheOuterIsForeign() {
		TransactionFixture roomy = new TransactionFixture(new CrdbDataSource(database.pool(2)));
		CrdbTransactionTemplate outer = roomy.template();
		TransactionTemplate requiresNew = new TransactionTemplate(roomy.transactionManager);
		requiresNew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		outer.executeWithoutResult((status) -> {
			requiresNew
				.executeWithoutResult((inner) -> assertThatExceptionOfType(NestedTransactionRejectedException.class)
					.isThrownBy(() -> outer.executeWithoutResult((innermost) -> this.fixture.attempt())));
			outer.executeWithoutResult((inner) -> this.fixture.attempt());
		});
		assertThat(this.fixture.attempts).hasSize(1);
	}

	@Test
	void afterNotSupportedThereIsNoOuterTransaction() {
		TransactionFixture roomy = new TransactionFixture(new CrdbDataSource(database.pool(2)));
		CrdbTransactionTemplate outer = roomy.template();
		TransactionTemplate notSupported = new TransactionTemplate(roomy.transactionManager);
		notSupported.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		outer.executeWithoutResult((status) -> notSupported.executeWithoutResult((inner) -> outer
			.executeWithoutResult((innermost) -> assertThat(innermost.isNewTransaction()).isTrue())));
	}

	@Test
	void anotherDataSourceIsNoNesting() {
		TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1)));
		CrdbTransactionTemplate otherTemplate = other.template();
		List<Integer> otherAttempts = new ArrayList<>();
		this.template.executeWithoutResult((status) -> {
			otherTemplate.executeWithoutResult(nested(NestedTransactionPolicy.REJECT), (inner) -> {
				assertThat(inner.isNewTransaction()).isTrue();
				otherAttempts.add(TransactionAttempt.current().orElseThrow().number());
				Conflicts.read(other.jdbc, 2);
				if (otherAttempts.size() == 1) {
					conflicts.lostUpdate(2);
				}
				Conflicts.add(other.jdbc, 2, 5);
				// The outermost is found again behind the transaction of the other
				// DataSource
				this.template.executeWithoutResult((innermost) -> assertThat(innermost.isNewTransaction()).isFalse());
			});
			this.fixture.attempt();
		});
		assertThat(otherAttempts).containsExactly(1, 2);
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(2)).isEqualTo(1105);
	}

	@Test
	void anExhaustedTransactionOnAnotherDataSourceDoesNotRunTheOuterAgain() {
		TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1)));
		CrdbTransactionTemplate otherTemplate = other.template();
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				this.fixture.attempt();
				otherTemplate.executeWithoutResult(CrdbTransactionOptions.builder().maxAttempts(2).build(), (inner) -> {
					Conflicts.read(other.jdbc, 2);
					conflicts.lostUpdate(2);
					Conflicts.add(other.jdbc, 2, 5);
				});
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void aConflictInsideASavepointRunsEverythingAgain() {
		TransactionTemplate savepoint = new TransactionTemplate(this.fixture.transactionManager);
		savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		this.template.executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			boolean first = this.fixture.attempt() == 1;
			savepoint.executeWithoutResult((inner) -> {
				if (first) {
					conflicts.lostUpdate(1);
				}
				Conflicts.add(this.fixture.jdbc, 1, 5);
			});
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	private void assertContradiction(CrdbTransactionOptions outer, CrdbTransactionOptions inner, String reason) {
		this.template.executeWithoutResult(outer, (status) -> assertRejected(inner, reason));
	}

	private NestedTransactionRejectedException assertRejected(CrdbTransactionOptions options, String reason) {
		NestedTransactionRejectedException rejection = assertThatExceptionOfType(
				NestedTransactionRejectedException.class)
			.isThrownBy(() -> this.template.executeWithoutResult(options, (inner) -> this.fixture.attempt()))
			.withMessageContaining(reason)
			.actual();
		assertThat(this.fixture.attempts).isEmpty();
		return rejection;
	}

	private static CrdbTransactionOptions nested(NestedTransactionPolicy policy) {
		return CrdbTransactionOptions.builder().nested(policy).build();
	}

}
