package io.github.crdbspring.transaction;

import java.util.List;

import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;

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
 * @param contention how to limit attempts that are in conflict, {@code null} if not at
 * all
 * @param retryOptimisticLocking whether a transaction is run again, as after a conflict,
 * when JPA's or Spring Data's own check of a row's version has failed
 * @since 0.1.0
 */
public record CrdbTransactionSettings(BackoffSettings backoff, List<CrdbTransactionListener> listeners,
		boolean retryConnectionErrors, UnsupportedOptionPolicy unsupportedOptions, List<TransactionObserver> observers,
		@Nullable ContentionSettings contention, boolean retryOptimisticLocking) {

	public CrdbTransactionSettings {
		Assert.notNull(backoff, "'backoff' must not be null");
		Assert.notNull(unsupportedOptions, "'unsupportedOptions' must not be null");
		listeners = List.copyOf(listeners);
		observers = List.copyOf(observers);
	}

	/**
	 * Create settings that limit attempts in conflict as by default, with the same pauses
	 * after all failures.
	 * @param backoff the pauses between attempts
	 * @param listeners who is told how transactions fare, in this order
	 * @param retryConnectionErrors whether a transaction whose connection was lost before
	 * COMMIT was sent is run again on a new connection
	 * @param unsupportedOptions what happens to options that the server does not have
	 * @param observers who accompanies transactions, the later inside the earlier
	 */
	public CrdbTransactionSettings(BackoffSettings backoff, List<CrdbTransactionListener> listeners,
			boolean retryConnectionErrors, UnsupportedOptionPolicy unsupportedOptions,
			List<TransactionObserver> observers) {
		this(backoff, listeners, retryConnectionErrors, unsupportedOptions, observers,
				ContentionSettings.defaults().withBackoff(null), false);
	}

	/**
	 * Create settings without observers, that limit attempts in conflict as by default,
	 * with the same pauses after all failures.
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
	 * retried, unsupported options are refused, attempts in conflict are limited,
	 * optimistic locks that failed are not retried.
	 * @return the default settings
	 */
	public static CrdbTransactionSettings defaults() {
		return new CrdbTransactionSettings(BackoffSettings.defaults(), List.of(), true, UnsupportedOptionPolicy.FAIL,
				List.of(), ContentionSettings.defaults(), false);
	}

	/**
	 * Return a copy with other listeners.
	 * @param listeners who is told how transactions fare, in this order
	 * @return the copy
	 */
	public CrdbTransactionSettings withListeners(List<CrdbTransactionListener> listeners) {
		return new CrdbTransactionSettings(this.backoff, listeners, this.retryConnectionErrors, this.unsupportedOptions,
				this.observers, this.contention, this.retryOptimisticLocking);
	}

	/**
	 * Return a copy with other observers.
	 * @param observers who accompanies transactions, the later inside the earlier
	 * @return the copy
	 */
	public CrdbTransactionSettings withObservers(List<TransactionObserver> observers) {
		return new CrdbTransactionSettings(this.backoff, this.listeners, this.retryConnectionErrors,
				this.unsupportedOptions, observers, this.contention, this.retryOptimisticLocking);
	}

	/**
	 * Return a copy with another limit of attempts that are in conflict.
	 * @param contention how to limit them, {@code null} if not at all
	 * @return the copy
	 */
	public CrdbTransactionSettings withContention(@Nullable ContentionSettings contention) {
		return new CrdbTransactionSettings(this.backoff, this.listeners, this.retryConnectionErrors,
				this.unsupportedOptions, this.observers, contention, this.retryOptimisticLocking);
	}

	/**
	 * Return a copy that retries optimistic locks that failed, or does not.
	 * @param retryOptimisticLocking whether a transaction is run again when JPA's or
	 * Spring Data's own check of a row's version has failed
	 * @return the copy
	 */
	public CrdbTransactionSettings withRetryOptimisticLocking(boolean retryOptimisticLocking) {
		return new CrdbTransactionSettings(this.backoff, this.listeners, this.retryConnectionErrors,
				this.unsupportedOptions, this.observers, this.contention, retryOptimisticLocking);
	}

}
