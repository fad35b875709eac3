package io.github.crdbspring.stack;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionObserver;

/**
 * Takes note of the transactions that this library runs.
 */
class TransactionRecorder implements TransactionObserver {

	private final List<String> transactions = new CopyOnWriteArrayList<>();

	List<String> transactions() {
		return this.transactions;
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		this.transactions.add(options.name());
		return Observed.NOTHING;
	}

}
