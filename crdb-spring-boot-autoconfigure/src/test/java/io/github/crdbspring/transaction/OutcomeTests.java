package io.github.crdbspring.transaction;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what the caller is told when the connection fails: committed, certainly not
 * committed, or unknown.
 */
class OutcomeTests extends AccountTests {

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void aConnectionLostBeforeCommitIsRetriedOnANewOne() {
		this.fixture.template().executeWithoutResult((status) -> {
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("UPDATE", Fault.CUT_AFTER);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aConnectionLostBeforeCommitIsNotRetriedIfSwitchedOff() {
		CrdbTransactionTemplate template = this.fixture.template(CrdbTransactionOptions.none(), false);
		assertThatExceptionOfType(DataAccessResourceFailureException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				this.fixture.attempt();
				this.proxy.failNext("UPDATE", Fault.CUT_BEFORE);
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aLostConnectionThatTheCallbackSwallowedIsRetried() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("UPDATE", Fault.CUT_BEFORE);
				assertThatExceptionOfType(DataAccessResourceFailureException.class)
					.isThrownBy(() -> Conflicts.add(this.fixture.jdbc, 2, 5));
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@ParameterizedTest
	@EnumSource(names = { "CUT_BEFORE", "CUT_AFTER", "REPLY_40003", "REPLY_57014" })
	void anUnknownOutcomeIsNotRetriedAndSaysSo(Fault fault) {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer").build();
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", fault);
			}))
			.withMessageContaining("'transfer'")
			.satisfies((ex) -> assertThat((Throwable) CommitOutcomeUnknownException.findIn(ex)).isNotNull());
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 AmbiguousCommitException");
		assertThat(conflicts.balance(1)).isEqualTo((fault == Fault.CUT_AFTER) ? 105 : 100);
	}

	@Test
	void aCommitAsTextThatFailedIsNoSuccessWhenItsErrorIsSwallowed() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("COMMIT", Fault.REPLY_40001);
				assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> this.fixture.jdbc.sql("COMMIT").update());
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void anUnknownOutcomeIsRetriedIfIdempotent() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().idempotent(true).build();
		this.fixture.template().executeWithoutResult(options, (status) -> {
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}
			this.fixture.jdbc.sql("UPDATE account SET balance = 7 WHERE id = 1").update();
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(7);
	}

	@Test
	void anUnknownOutcomeStaysVisibleWhenALaterAttemptFailsForGood() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().idempotent(true).build();
		IllegalStateException failure = new IllegalStateException("refused");
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				if (this.fixture.attempt() == 2) {
					throw failure;
				}
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).containsExactly(failure));
	}

	@Test
	void anUnknownOutcomeThatNeverBecomesKnownIsNotReportedAsRolledBack() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().idempotent(true).maxAttempts(3).build();
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_BEFORE);
			}))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(2));
		assertThat(this.fixture.attempts).containsExactly(1, 2, 3);
	}

	@Test
	void anUnknownOutcomeStaysVisibleWhenALaterAttemptAsksForRollback() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer").idempotent(true).build();
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				if (this.fixture.attempt() == 1) {
					Conflicts.add(this.fixture.jdbc, 1, 5);
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				}
				else {
					assertThat(Conflicts.read(this.fixture.jdbc, 1)).isEqualTo(105);
					status.setRollbackOnly();
				}
			}))
			.withMessageContaining("'transfer'");
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(this.fixture.listener.events).containsExactly("retry 1", "failure 2 AmbiguousCommitException");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void anUnknownOutcomeOfAReadOnlyTransactionIsRetried() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().readOnly(true).maxAttempts(3).build();
		int balance = this.fixture.template().execute(options, (status) -> {
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}
			return Conflicts.read(this.fixture.jdbc, 1);
		});
		assertThat(balance).isEqualTo(100);
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				Conflicts.read(this.fixture.jdbc, 1);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
	}

	@Test
	void whereNoConnectionCanBeHadNothingIsRetried() throws Exception {
		this.pool.setConnectionTimeout(250);
		Connection first = this.pool.getConnection();
		Connection second = this.pool.getConnection();
		try (first; second) {
			assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> this.fixture.attempt()));
		}
		assertThat(this.fixture.attempts).isEmpty();
		assertThat(this.fixture.pauses).isEmpty();
		assertThat(this.fixture.listener.events).containsExactly("failure 1 CannotCreateTransactionException");
	}

	@Test
	void anErrorAfterTheCommitIsPassedOnButNotRetried() {
		IllegalStateException failure = new IllegalStateException("restart transaction",
				new SQLException("restart transaction", "40001"));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
					@Override
					public void afterCommit() {
						throw failure;
					}
				});
			}))
			.isSameAs(failure);
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	@Test
	void aConnectionLostAfterTheCommitChangesNothing() {
		this.fixture.template().executeWithoutResult((status) -> {
			this.fixture.attempt();
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void afterCommit() {
					OutcomeTests.this.proxy.cutAll();
				}
			});
		});
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aConnectionThatIsFoundLostByCommitItselfLeavesTheOutcomeUnknown() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.cutAll();
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "CUT_BEFORE", "CUT_AFTER", "REPLY_40003" })
	void anUnknownOutcomeIsKnownAsSuchWithoutSynchronizationToo(Fault fault) {
		this.fixture.transactionManager
			.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", fault);
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 AmbiguousCommitException");
		assertThat(conflicts.balance(1)).isEqualTo((fault == Fault.CUT_AFTER) ? 105 : 100);
	}

	@Test
	void aRollbackThatFailsDoesNotHideItsReason() {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("ROLLBACK", Fault.CUT_BEFORE);
				throw failure;
			}))
			.isSameAs(failure)
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(1));
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aRollbackThatFailsDoesNotEndTheRetries() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
				this.proxy.failNext("ROLLBACK", Fault.CUT_BEFORE);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void plainSpringReportsAnUnknownStatusToo() {
		List<Integer> statuses = new ArrayList<>();
		assertThatExceptionOfType(TransactionSystemException.class).isThrownBy(
				() -> new TransactionTemplate(this.fixture.transactionManager).executeWithoutResult((status) -> {
					Conflicts.add(this.fixture.jdbc, 1, 5);
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
					TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
						@Override
						public void afterCompletion(int status) {
							statuses.add(status);
						}
					});
				}))
			.withRootCauseInstanceOf(IOException.class);
		assertThat(statuses).containsExactly(TransactionSynchronization.STATUS_UNKNOWN);
	}

}
