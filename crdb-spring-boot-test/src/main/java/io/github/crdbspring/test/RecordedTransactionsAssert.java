package io.github.crdbspring.test;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.crdbspring.transaction.TransactionOutcome;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about the transactions of one name.
 *
 * @since 0.1.0
 * @see TransactionAttemptsAssert#transaction(String)
 */
public final class RecordedTransactionsAssert
		extends AbstractAssert<RecordedTransactionsAssert, List<RecordedTransaction>> {

	RecordedTransactionsAssert(List<RecordedTransaction> actual) {
		super(actual, RecordedTransactionsAssert.class);
	}

	/**
	 * Verify how many transactions of the name there were.
	 * @param expected the number of calls, whatever the number of their attempts
	 * @return this
	 */
	public RecordedTransactionsAssert hasCalls(int expected) {
		if (this.actual.size() != expected) {
			failWithMessage("Expected %s calls, but there were: %s", expected, this.actual);
		}
		return this;
	}

	/**
	 * Verify how many attempts there were, of all calls together.
	 * @param expected the number of attempts
	 * @return this
	 */
	public RecordedTransactionsAssert hasAttempts(int expected) {
		if (attempts().count() != expected) {
			failWithMessage("Expected %s attempts, but there were: %s", expected, this.actual);
		}
		return this;
	}

	/**
	 * Verify that there was more than one attempt for some call.
	 * @return this
	 */
	public RecordedTransactionsAssert wasRetried() {
		if (this.actual.stream().noneMatch((transaction) -> transaction.attempts().size() > 1)) {
			failWithMessage("Expected more than one attempt, but there were: %s", this.actual);
		}
		return this;
	}

	/**
	 * Verify that each call had one attempt at most.
	 * @return this
	 */
	public RecordedTransactionsAssert wasNotRetried() {
		if (this.actual.stream().anyMatch((transaction) -> transaction.attempts().size() > 1)) {
			failWithMessage("Expected no second attempt, but there were: %s", this.actual);
		}
		return this;
	}

	/**
	 * Verify that an attempt failed with this SQLSTATE.
	 * @param sqlState the code, such as {@code 40001}
	 * @return this
	 */
	public RecordedTransactionsAssert failedWith(String sqlState) {
		if (attempts().noneMatch((attempt) -> sqlState.equals(attempt.sqlState()))) {
			failWithMessage("Expected an attempt that failed with SQLSTATE %s, but there were: %s", sqlState,
					this.actual);
		}
		return this;
	}

	/**
	 * Verify that an attempt failed with an exception of this type.
	 * @param type the type
	 * @return this
	 */
	public RecordedTransactionsAssert failedWith(Class<? extends Throwable> type) {
		if (attempts().noneMatch((attempt) -> type.isInstance(attempt.failure()))) {
			failWithMessage("Expected an attempt that failed with %s, but there were: %s", type.getName(), this.actual);
		}
		return this;
	}

	/**
	 * Verify that every call was committed.
	 * @return this
	 */
	public RecordedTransactionsAssert committed() {
		return endedWith(TransactionOutcome.COMMITTED);
	}

	/**
	 * Verify how every call ended.
	 * @param expected the outcome
	 * @return this
	 */
	public RecordedTransactionsAssert endedWith(TransactionOutcome expected) {
		if (this.actual.stream().anyMatch((transaction) -> transaction.outcome() != expected)) {
			failWithMessage("Expected outcome %s, but there were: %s", expected, this.actual);
		}
		return this;
	}

	/**
	 * Verify the sum of the pauses between attempts, which need not have been slept.
	 * Their length is partly left to chance, by {@code crdb.transaction.backoff.jitter}.
	 * @param least the shortest that will do
	 * @param most the longest
	 * @return this
	 */
	public RecordedTransactionsAssert pausedBetween(Duration least, Duration most) {
		Duration sum = attempts().map(RecordedAttempt::pause)
			.filter(Objects::nonNull)
			.reduce(Duration.ZERO, Duration::plus);
		if (sum.compareTo(least) < 0 || sum.compareTo(most) > 0) {
			failWithMessage("Expected pauses of %s to %s together, but they were %s: %s", least, most, sum,
					this.actual);
		}
		return this;
	}

	private Stream<RecordedAttempt> attempts() {
		isNotNull();
		return this.actual.stream().flatMap((transaction) -> transaction.attempts().stream());
	}

}
