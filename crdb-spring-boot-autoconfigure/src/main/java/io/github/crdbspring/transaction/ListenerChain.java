package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells several listeners, none of which can disturb the transaction or the others.
 */
final class ListenerChain implements CrdbTransactionListener {

	private static final Log logger = LogFactory.getLog(CrdbTransactionListener.class);

	private final List<CrdbTransactionListener> listeners;

	ListenerChain(List<CrdbTransactionListener> listeners) {
		this.listeners = listeners;
	}

	@Override
	public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		notifyListeners((listener) -> listener.onRetry(failed, failure, backoff));
	}

	@Override
	public void onSuccess(TransactionAttempt last) {
		notifyListeners((listener) -> listener.onSuccess(last));
	}

	@Override
	public void onFailure(TransactionAttempt last, Throwable failure) {
		notifyListeners((listener) -> listener.onFailure(last, failure));
	}

	private void notifyListeners(Consumer<CrdbTransactionListener> notification) {
		for (CrdbTransactionListener listener : this.listeners) {
			try {
				notification.accept(listener);
			}
			catch (Throwable ex) {
				logger.error("Transaction listener " + listener + " failed", ex);
			}
		}
	}

}
