package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells listeners what they want to know of what observers are told. None of them can
 * disturb the transaction or the others.
 */
final class ListenerObserver implements TransactionObserver, TransactionObserver.Observed {

	private static final Log logger = LogFactory.getLog(CrdbTransactionListener.class);

	private final List<CrdbTransactionListener> listeners;

	ListenerObserver(List<CrdbTransactionListener> listeners) {
		this.listeners = listeners;
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		return this;
	}

	@Override
	public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		tell((listener) -> listener.onRetry(failed, failure, backoff));
	}

	@Override
	public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
		if (last == null) {
			return;
		}
		if (failure == null || outcome == TransactionOutcome.COMMITTED) {
			tell((listener) -> listener.onSuccess(last));
		}
		else {
			tell((listener) -> listener.onFailure(last, failure));
		}
	}

	private void tell(Consumer<CrdbTransactionListener> event) {
		for (CrdbTransactionListener listener : this.listeners) {
			try {
				event.accept(listener);
			}
			catch (Throwable ex) {
				logger.error("Transaction listener " + listener + " failed", ex);
			}
		}
	}

}
