package io.github.crdbspring.matrix;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Runs work in the transactions that services declare, and hears of its end.
 */
class Service {

	@CrdbTransactional
	void crdbTransactional(Runnable work) {
		work.run();
	}

	@CrdbTransactional(timeout = "${test.timeout}")
	void crdbTransactionalWithTimeout(Runnable work) {
		work.run();
	}

	@Transactional
	void transactional(Runnable work) {
		work.run();
	}

	@TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
	void beforeCommit(Work work) {
		work.reach(Moment.BEFORE_COMMIT_EVENT);
	}

	@TransactionalEventListener
	void afterCommit(Work work) {
		work.reach(Moment.AFTER_COMMIT_EVENT);
	}

}
