package io.github.crdbspring.chaos;

import java.time.Duration;

import io.github.crdbspring.transaction.CrdbTransactionListener;
import io.github.crdbspring.transaction.TransactionAttempt;

/**
 * Notes for the call that the current thread makes what its attempts fail with.
 */
class AttemptLog implements CrdbTransactionListener {

	private static final ThreadLocal<Call> current = new ThreadLocal<>();

	/**
	 * Make a call.
	 * @param call where its failures are noted
	 * @param action the call itself
	 */
	static void run(Call call, Runnable action) {
		current.set(call);
		try {
			action.run();
		}
		finally {
			current.remove();
		}
	}

	@Override
	public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		current.get().attemptFailed(failure);
	}

}
