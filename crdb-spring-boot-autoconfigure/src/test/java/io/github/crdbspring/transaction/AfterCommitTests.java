package io.github.crdbspring.transaction;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that callbacks after the commit ask for, while the connection of
 * the one that has ended is still bound to the thread.
 */
class AfterCommitTests extends AccountTests {

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private NestedTransactionRejectedException rejection;

	@Test
	void aTransactionAfterTheCommitIsRejectedRatherThanLost() {
		executeWith(new TransactionSynchronization() {
			@Override
			public void afterCommit() {
				AfterCommitTests.this.rejection = rejected();
			}
		});
		assertThat(this.rejection).hasMessageContaining("has ended");
	}

	@Test
	void aTransactionAfterTheCompletionIsRejectedRatherThanLost() {
		executeWith(new TransactionSynchronization() {
			@Override
			public void afterCompletion(int status) {
				AfterCommitTests.this.rejection = rejected();
			}
		});
		assertThat(this.rejection).hasMessageContaining("has ended");
	}

	private void executeWith(TransactionSynchronization synchronization) {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager.registerSynchronization(synchronization);
		});
		assertThat(conflicts.balance(1)).isEqualTo(105);
		this.fixture.template().executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 7));
		assertThat(conflicts.balance(1)).isEqualTo(112);
	}

	private NestedTransactionRejectedException rejected() {
		return assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> this.fixture.template()
				.executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 1_000_000)))
			.actual();
	}

}
