package io.github.crdbspring.transaction;

import java.util.List;

import org.springframework.util.Assert;

/**
 * What is common to all transactions of a {@link CrdbTransactionTemplate}.
 *
 * @param backoff the pauses between attempts
 * @param listeners who is told how transactions fare, in this order
 * @param retryConnectionErrors whether a transaction whose connection was lost before
 * COMMIT was sent is run again on a new connection
 * @param unsupportedOptions what happens to options that the server does not have
 * @param observers who accompanies transactions, the later inside the earlier
 * @since 0.1.0
 */
public record CrdbTransactionSettings(BackoffSettings backoff, List<CrdbTransactionListener> listeners,
		boolean retryConnectionErrors, UnsupportedOptionPolicy unsupportedOptions,
		List<TransactionObserver> observers) {

	public CrdbTransactionSettings {
		Assert.notNull(backoff, "'backoff' must not be null");
		Assert.notNull(unsupportedOptions, "'unsupportedOptions' must not be null");
		listeners = List.copyOf(listeners);
		observers = List.copyOf(observers);
	}

	/**
	 * Create settings without observers.
	 * @param backoff the pauses between attempts
	 * @param listeners who is told how transactions fare, in this order
	 * @param retryConnectionErrors whether a transaction whose connection was lost before
	 * COMMIT was sent is run again on a new connection
	 * @param unsupportedOptions what happens to options that the server does not have
	 */
	public CrdbTransactionSettings(BackoffSettings backoff, List<CrdbTransactionListener> listeners,
			boolean retryConnectionErrors, UnsupportedOptionPolicy unsupportedOptions) {
		this(backoff, listeners, retryConnectionErrors, unsupportedOptions, List.of());
	}

	/**
	 * Return the default: the default backoff, no listeners, lost connections are
	 * retried, unsupported options are refused.
	 * @return the default settings
	 */
	public static CrdbTransactionSettings defaults() {
		return new CrdbTransactionSettings(BackoffSettings.defaults(), List.of(), true, UnsupportedOptionPolicy.FAIL);
	}

	/**
	 * Return a copy with other listeners.
	 * @param listeners who is told how transactions fare, in this order
	 * @return the copy
	 */
	public CrdbTransactionSettings withListeners(List<CrdbTransactionListener> listeners) {
		return new CrdbTransactionSettings(this.backoff, listeners, this.retryConnectionErrors, this.unsupportedOptions,
				this.observers);
	}

	/**
	 * Return a copy with other observers.
	 * @param observers who accompanies transactions, the later inside the earlier
	 * @return the copy
	 */
	public CrdbTransactionSettings withObservers(List<TransactionObserver> observers) {
		return new CrdbTransactionSettings(this.backoff, this.listeners, this.retryConnectionErrors,
				this.unsupportedOptions, observers);
	}

}
