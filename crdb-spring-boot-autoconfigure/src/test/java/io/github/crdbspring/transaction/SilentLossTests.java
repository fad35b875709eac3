package io.github.crdbspring.transaction;

import java.sql.SQLException;

import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.SilentRollbackException;
import org.junit.jupiter.api.Test;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for SQL errors that are swallowed: nobody is told that what was lost is stored.
 */
class SilentLossTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	@Test
	void aSwallowedErrorIsReportedToTheCaller() {
		assertThatExceptionOfType(SilentRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				swallow(this::insertDuplicate);
			}))
			.havingCause()
			.isInstanceOf(SQLException.class)
			.withMessageContaining("duplicate key");
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void aSwallowedConflictIsRetried() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
				swallow(() -> Conflicts.add(this.fixture.jdbc, 1, 5));
			}
			else {
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void aSwallowedConflictWithoutRetrySurfacesAsTheConflict() {
		assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> this.fixture.template()
			.executeWithoutResult(CrdbTransactionOptions.builder().maxAttempts(1).build(), (status) -> {
				Conflicts.read(this.fixture.jdbc, 1);
				conflicts.lostUpdate(1);
				swallow(() -> Conflicts.add(this.fixture.jdbc, 1, 5));
			}));
	}

	@Test
	void anInnerFailureOfPlainSpringThatTheOuterSwallowsKeepsItsCause() {
		TransactionTemplate inner = new TransactionTemplate(this.fixture.transactionManager);
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				swallow(() -> inner.executeWithoutResult((innerStatus) -> insertDuplicate()));
			}))
			.havingCause()
			.isInstanceOf(DuplicateKeyException.class);
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void anInnerConflictOfPlainSpringThatTheOuterSwallowsIsRetried() {
		TransactionTemplate inner = new TransactionTemplate(this.fixture.transactionManager);
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			swallow(() -> inner.executeWithoutResult((innerStatus) -> Conflicts.add(this.fixture.jdbc, 1, 5)));
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void anInnerFailureThatTheOuterSwallowsIsItsOutcome() {
		CrdbTransactionTemplate template = this.fixture.template();
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				swallow(() -> template.executeWithoutResult((innerStatus) -> {
					throw failure;
				}));
			}))
			.withCause(failure);
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void anInnerConflictThatTheOuterSwallowsIsRetriedFromTheOutermost() {
		CrdbTransactionTemplate template = this.fixture.template();
		template.executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			swallow(() -> template.executeWithoutResult((innerStatus) -> Conflicts.add(this.fixture.jdbc, 1, 5)));
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void aTransactionThatRecoveredWithASavepointIsNotAccused() {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			Object savepoint = status.createSavepoint();
			swallow(this::insertDuplicate);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aJoinedFailureThatASavepointUndidIsNotHeldAgainstTheOuter() {
		CrdbTransactionTemplate template = this.fixture.template();
		template.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			Object savepoint = status.createSavepoint();
			swallow(() -> template.executeWithoutResult((innerStatus) -> insertDuplicate()));
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aRollbackThatTheCallbackAsksForIsNoFailure() {
		String result = this.fixture.template().execute((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			status.setRollbackOnly();
			return "asked for";
		});
		assertThat(result).isEqualTo("asked for");
		assertThat(conflicts.balance(1)).isEqualTo(100);
	}

	@Test
	void plainSpringReportsASwallowedErrorToo() {
		TransactionTemplate plain = new TransactionTemplate(this.fixture.transactionManager);
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> plain.executeWithoutResult((status) -> addAndSwallow()))
			.havingCause()
			.isInstanceOf(FailedTransactionCommitException.class);
	}

	/**
	 * Libraries find out so who is first, and nothing is lost by it.
	 */
	@Test
	void onlyTheTransactionsOfThisLibraryReportADuplicateThatIsAllThereWas() {
		TransactionTemplate plain = new TransactionTemplate(this.fixture.transactionManager);
		assertThatNoException()
			.isThrownBy(() -> plain.executeWithoutResult((status) -> swallow(this::insertDuplicate)));
		assertThatExceptionOfType(SilentRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> swallow(this::insertDuplicate)));
	}

	@Test
	void theOlderTransactionManagerReportsASwallowedErrorToo() {
		TransactionTemplate plain = new TransactionTemplate(
				new DataSourceTransactionManager(this.fixture.transactionManager.getDataSource()));
		assertThatExceptionOfType(TransactionSystemException.class)
			.isThrownBy(() -> plain.executeWithoutResult((status) -> addAndSwallow()))
			.havingCause()
			.isInstanceOf(FailedTransactionCommitException.class);
	}

	@Test
	void outsideATransactionAnErrorHasNoConsequences() {
		JdbcClient jdbc = this.fixture.jdbc;
		swallow(this::insertDuplicate);
		assertThatNoException().isThrownBy(() -> Conflicts.add(jdbc, 1, 5));
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	private void addAndSwallow() {
		Conflicts.add(this.fixture.jdbc, 1, 5);
		swallow(this::insertDuplicate);
	}

	private void insertDuplicate() {
		this.fixture.jdbc.sql("INSERT INTO account VALUES (1, 0)").update();
	}

	private static void swallow(Runnable action) {
		try {
			action.run();
		}
		catch (DataAccessException | IllegalStateException ex) {
			// Swallowing it is what is tested
		}
	}

}
