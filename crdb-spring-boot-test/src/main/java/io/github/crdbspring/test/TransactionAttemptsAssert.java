package io.github.crdbspring.test;

import java.util.List;

import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about {@link TransactionAttempts}.
 *
 * @since 0.1.0
 */
public final class TransactionAttemptsAssert extends AbstractAssert<TransactionAttemptsAssert, TransactionAttempts> {

	TransactionAttemptsAssert(TransactionAttempts actual) {
		super(actual, TransactionAttemptsAssert.class);
	}

	/**
	 * Verify that there are transactions of this name, and go on with them.
	 * @param name the name, such as {@code BankService.transfer}
	 * @return assertions about all transactions of this name
	 */
	public RecordedTransactionsAssert transaction(String name) {
		isNotNull();
		List<RecordedTransaction> all = this.actual.transactions();
		List<RecordedTransaction> named = all.stream()
			.filter((transaction) -> transaction.name().equals(name))
			.toList();
		if (named.isEmpty()) {
			failWithMessage("Expected a transaction '%s', but there were: %s", name, all);
		}
		return new RecordedTransactionsAssert(named).as("transaction '%s'", name);
	}

	/**
	 * Verify that nothing ran.
	 * @return this
	 */
	public TransactionAttemptsAssert hasNoTransactions() {
		isNotNull();
		List<RecordedTransaction> all = this.actual.transactions();
		if (!all.isEmpty()) {
			failWithMessage("Expected no transactions, but there were: %s", all);
		}
		return this;
	}

	/**
	 * Verify that no transaction was run a second time.
	 * @return this
	 */
	public TransactionAttemptsAssert hasNoRetries() {
		isNotNull();
		List<RecordedTransaction> retried = this.actual.transactions()
			.stream()
			.filter((transaction) -> transaction.attempts().size() > 1)
			.toList();
		if (!retried.isEmpty()) {
			failWithMessage("Expected one attempt each, but there were: %s", retried);
		}
		return this;
	}

}
