package io.github.crdbspring.jpa;

import java.util.function.IntConsumer;

import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Runs what a test gives it in the transactions that services declare, and tells it the
 * number of the attempt.
 */
class Service {

	@CrdbTransactional
	void crdb(IntConsumer work) {
		run(work);
	}

	@Transactional
	void spring(IntConsumer work) {
		run(work);
	}

	@Transactional(propagation = Propagation.REQUIRES_NEW)
	void requiresNew(IntConsumer work) {
		run(work);
	}

	private static void run(IntConsumer work) {
		work.accept(TransactionAttempt.current().map(TransactionAttempt::number).orElse(0));
	}

}
