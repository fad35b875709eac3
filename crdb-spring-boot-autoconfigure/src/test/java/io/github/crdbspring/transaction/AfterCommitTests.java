package io.github.crdbspring.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that callbacks after the end of another one ask for, while the
 * connection of that is still bound to the thread. The order of the callbacks is of no
 * importance.
 */
class AfterCommitTests extends AccountTests {

	private final HikariDataSource pool = database.pool(2);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	private final List<NestedTransactionRejectedException> rejections = new ArrayList<>();

	static Stream<Arguments> ordersWithAndWithoutAutoCommit() {
		return Stream.of(Ordered.HIGHEST_PRECEDENCE, 0, Ordered.LOWEST_PRECEDENCE)
			.flatMap((order) -> Stream.of(Arguments.of(order, true), Arguments.of(order, false)));
	}

	@ParameterizedTest
	@MethodSource("ordersWithAndWithoutAutoCommit")
	void aTransactionAfterTheCommitIsRejectedRatherThanLost(int order, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		executeWith(new OrderedSynchronization(order) {
			@Override
			public void afterCommit() {
				reject();
			}
		});
		verifyRejection(105);
	}

	@ParameterizedTest
	@MethodSource("ordersWithAndWithoutAutoCommit")
	void aTransactionAfterTheCompletionOfACommitIsRejectedRatherThanLost(int order, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		executeWith(new OrderedSynchronization(order) {
			@Override
			public void afterCompletion(int status) {
				reject();
			}
		});
		verifyRejection(105);
	}

	@ParameterizedTest
	@MethodSource("ordersWithAndWithoutAutoCommit")
	void aTransactionAfterARollbackIsRejectedRatherThanLost(int order, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		IllegalStateException failure = new IllegalStateException("overdraft");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> executeWith(new OrderedSynchronization(order) {
				@Override
				public void beforeCommit(boolean readOnly) {
					throw failure;
				}

				@Override
				public void afterCompletion(int status) {
					reject();
				}
			}))
			.isSameAs(failure);
		verifyRejection(100);
	}

	private void executeWith(TransactionSynchronization synchronization) {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			TransactionSynchronizationManager.registerSynchronization(synchronization);
		});
	}

	private void reject() {
		this.rejections.add(
				assertThatExceptionOfType(NestedTransactionRejectedException.class)
					.isThrownBy(() -> this.fixture.template()
						.executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 1_000_000)))
					.actual());
	}

	private void verifyRejection(int balance) {
		assertThat(this.rejections).singleElement().asString().contains("has ended");
		assertThat(conflicts.balance(1)).isEqualTo(balance);
		this.fixture.template().executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 7));
		assertThat(conflicts.balance(1)).isEqualTo(balance + 7);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	/**
	 * A callback that has its place in the order.
	 */
	private abstract static class OrderedSynchronization implements TransactionSynchronization {

		private final int order;

		OrderedSynchronization(int order) {
			this.order = order;
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

}
