package io.github.crdbspring.compatibility;

import java.util.concurrent.Callable;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.transaction.annotation.Transactional;

/**
 * Runs what a test gives it in the transactions that a service declares.
 */
class TransactionalWork {

	@CrdbTransactional
	<T> T annotated(Callable<T> work) throws Exception {
		return work.call();
	}

	@Transactional
	<T> T springs(Callable<T> work) throws Exception {
		return work.call();
	}

}
