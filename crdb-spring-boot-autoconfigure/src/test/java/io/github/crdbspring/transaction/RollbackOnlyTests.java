package io.github.crdbspring.transaction;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.TransactionFixture.RecordingObserver;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TransactionAttempt#setRollbackOnly()}, with which code that is not
 * handed a status asks for a rollback without an exception.
 */
class RollbackOnlyTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private final RecordingObserver observer = new RecordingObserver();

	private final CrdbTransactionTemplate template = this.fixture.template(this.observer);

	@Test
	void theTransactionIsRolledBackAndItsResultReturned() {
		String result = this.template.execute((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			rollBackOnly();
			Conflicts.add(this.fixture.jdbc, 1, 5);
			return "asked for";
		});
		assertThat(result).isEqualTo("asked for");
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.fixture.listener.events).containsExactly("success 1");
		assertThat(this.observer.ends).containsExactly("ROLLED_BACK 1");
	}

	@Test
	void itHoldsForOneAttemptOnly() {
		this.template.executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				rollBackOnly();
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.observer.ends).containsExactly("COMMITTED 2");
	}

	@Test
	void insideATransactionOfAnotherDataSourceItIsTheInnermostThatRollsBack() {
		TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1)));
		this.template.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			other.template().executeWithoutResult((inner) -> {
				Conflicts.add(other.jdbc, 2, 5);
				rollBackOnly();
			});
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
		assertThat(conflicts.balance(2)).isEqualTo(100);
	}

	@Test
	void insideATransactionOfSpringsOnAnotherDataSourceThatIsLeftAlone() {
		TransactionFixture other = new TransactionFixture(new CrdbDataSource(database.pool(1)));
		new TransactionTemplate(other.transactionManager).executeWithoutResult((status) -> {
			Conflicts.add(other.jdbc, 2, 5);
			this.template.executeWithoutResult((inner) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				rollBackOnly();
			});
			assertThat(status.isRollbackOnly()).isFalse();
		});
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(conflicts.balance(2)).isEqualTo(105);
	}

	@Test
	void fromATransactionThatJoinedItRollsBackTheOutermost() {
		this.template.executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			this.template.executeWithoutResult((inner) -> rollBackOnly());
		});
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.observer.ends).containsExactly("ROLLED_BACK 1");
	}

	@Test
	void aFailureAfterItIsNotHidden() {
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.template.executeWithoutResult((status) -> {
				rollBackOnly();
				throw failure;
			}))
			.isSameAs(failure);
	}

	@Test
	void afterItsEndAnAttemptCannotBeRolledBack() {
		TransactionAttempt attempt = this.template.execute((status) -> TransactionAttempt.current().orElseThrow());
		assertThatIllegalStateException().isThrownBy(attempt::setRollbackOnly);
	}

	private static void rollBackOnly() {
		TransactionAttempt.current().orElseThrow().setRollbackOnly();
	}

}
