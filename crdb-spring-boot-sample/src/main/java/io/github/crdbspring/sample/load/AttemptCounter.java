package io.github.crdbspring.sample.load;

import io.github.crdbspring.transaction.CrdbTransactionListener;
import io.github.crdbspring.transaction.TransactionAttempt;

import org.springframework.stereotype.Component;

/**
 * Knows how many attempts the last transaction of the current thread took. Being told on
 * the transaction's own thread, it never mixes up a load and the requests beside it.
 */
@Component
class AttemptCounter implements CrdbTransactionListener {

	private final ThreadLocal<Integer> attempts = ThreadLocal.withInitial(() -> 0);

	@Override
	public void onSuccess(TransactionAttempt last) {
		this.attempts.set(last.number());
	}

	@Override
	public void onFailure(TransactionAttempt last, Throwable failure) {
		this.attempts.set(last.number());
	}

	/**
	 * Return the number of attempts, and forget it.
	 */
	int take() {
		int taken = this.attempts.get();
		this.attempts.remove();
		return taken;
	}

}
