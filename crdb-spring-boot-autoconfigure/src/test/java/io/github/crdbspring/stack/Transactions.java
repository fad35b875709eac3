package io.github.crdbspring.stack;

import java.util.function.Supplier;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.transaction.annotation.Transactional;

/**
 * Runs what a test gives it in the transactions that services declare.
 */
class Transactions {

	@CrdbTransactional
	void run(Runnable work) {
		work.run();
	}

	@CrdbTransactional
	<T> T get(Supplier<T> work) {
		return work.get();
	}

	@CrdbTransactional(readOnly = true)
	<T> T readOnly(Supplier<T> work) {
		return work.get();
	}

	@CrdbTransactional(systemTime = "#systemTime")
	<T> T asOf(String systemTime, Supplier<T> work) {
		return work.get();
	}

	@Transactional
	void plain(Runnable work) {
		work.run();
	}

}
