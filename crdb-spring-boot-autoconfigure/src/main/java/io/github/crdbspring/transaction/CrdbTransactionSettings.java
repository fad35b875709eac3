package io.github.crdbspring.transaction;

import java.util.List;

import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import io.github.crdbspring.transaction.outcome.OutcomeSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What is common to all transactions of a {@link CrdbTransactionTemplate}. Immutable.
 *
 * @since 0.1.0
 */
public final class CrdbTransactionSettings {

	private final Builder builder;

	private CrdbTransactionSettings(Builder builder) {
		this.builder = builder;
	}

	/**
	 * Return the default: the default backoff, no listeners, lost connections are
	 * retried, unsupported options are refused, attempts in conflict are limited,
	 * optimistic locks that failed are not retried.
	 * @return the default settings
	 */
	public static CrdbTransactionSettings defaults() {
		return builder().build();
	}

	/**
	 * Start with the default settings.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Start with these settings.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return new Builder(this.builder);
	}

	/**
	 * Return the pauses between attempts.
	 * @return the pauses
	 */
	public BackoffSettings backoff() {
		return this.builder.backoff;
	}

	/**
	 * Return who is told how transactions fare, in this order.
	 * @return the listeners
	 */
	public List<CrdbTransactionListener> listeners() {
		return this.builder.listeners;
	}

	/**
	 * Return who accompanies transactions, the later inside the earlier.
	 * @return the observers
	 */
	public List<TransactionObserver> observers() {
		return this.builder.observers;
	}

	/**
	 * Whether a transaction whose connection was lost before COMMIT was sent is run again
	 * on a new connection.
	 * @return {@code true} by default
	 */
	public boolean retryConnectionErrors() {
		return this.builder.retryConnectionErrors;
	}

	/**
	 * Whether a transaction is run again, as after a conflict, when JPA's or Spring
	 * Data's own check of a row's version has failed.
	 * @return {@code false} by default
	 */
	public boolean retryOptimisticLocking() {
		return this.builder.retryOptimisticLocking;
	}

	/**
	 * Return what happens to options that the server does not have.
	 * @return the policy
	 */
	public UnsupportedOptionPolicy unsupportedOptions() {
		return this.builder.unsupportedOptions;
	}

	/**
	 * Return how to limit attempts that are in conflict.
	 * @return the settings of the limit, {@code null} if there is none
	 */
	public @Nullable ContentionSettings contention() {
		return this.builder.contention;
	}

	/**
	 * Return how unknown outcomes are found out, where that is asked for.
	 * @return the settings
	 */
	public OutcomeSettings outcome() {
		return this.builder.outcome;
	}

	/**
	 * Return what waits between attempts.
	 * @return what waits; by default the thread sleeps
	 */
	BackoffSleeper sleeper() {
		return this.builder.sleeper;
	}

	/**
	 * Builds settings. Not thread-safe.
	 */
	public static final class Builder {

		private BackoffSettings backoff = BackoffSettings.defaults();

		private List<CrdbTransactionListener> listeners = List.of();

		private List<TransactionObserver> observers = List.of();

		private boolean retryConnectionErrors = true;

		private boolean retryOptimisticLocking;

		private UnsupportedOptionPolicy unsupportedOptions = UnsupportedOptionPolicy.FAIL;

		private @Nullable ContentionSettings contention = ContentionSettings.defaults();

		private OutcomeSettings outcome = OutcomeSettings.defaults();

		private BackoffSleeper sleeper = Backoff::sleepReally;

		private Builder() {
		}

		private Builder(Builder other) {
			this.backoff = other.backoff;
			this.listeners = other.listeners;
			this.observers = other.observers;
			this.retryConnectionErrors = other.retryConnectionErrors;
			this.retryOptimisticLocking = other.retryOptimisticLocking;
			this.unsupportedOptions = other.unsupportedOptions;
			this.contention = other.contention;
			this.outcome = other.outcome;
			this.sleeper = other.sleeper;
		}

		/**
		 * Set the pauses between attempts. They hold after conflicts, too, unless a limit
		 * with pauses of its own for that is set afterwards.
		 * @param backoff the pauses
		 * @return this builder
		 */
		public Builder backoff(BackoffSettings backoff) {
			Assert.notNull(backoff, "'backoff' must not be null");
			this.backoff = backoff;
			this.contention = (this.contention != null) ? this.contention.withBackoff(null) : null;
			return this;
		}

		/**
		 * Set who is told how transactions fare.
		 * @param listeners the listeners, in the order in which they are told
		 * @return this builder
		 */
		public Builder listeners(List<CrdbTransactionListener> listeners) {
			this.listeners = List.copyOf(listeners);
			return this;
		}

		/**
		 * Set who accompanies transactions.
		 * @param observers the observers, the later inside the earlier
		 * @return this builder
		 */
		public Builder observers(List<TransactionObserver> observers) {
			this.observers = List.copyOf(observers);
			return this;
		}

		/**
		 * Set whether a transaction whose connection was lost before COMMIT was sent is
		 * run again on a new connection.
		 * @param retryConnectionErrors whether to retry
		 * @return this builder
		 */
		public Builder retryConnectionErrors(boolean retryConnectionErrors) {
			this.retryConnectionErrors = retryConnectionErrors;
			return this;
		}

		/**
		 * Set whether a transaction is run again when JPA's or Spring Data's own check of
		 * a row's version has failed.
		 * @param retryOptimisticLocking whether to retry
		 * @return this builder
		 */
		public Builder retryOptimisticLocking(boolean retryOptimisticLocking) {
			this.retryOptimisticLocking = retryOptimisticLocking;
			return this;
		}

		/**
		 * Set what happens to options that the server does not have.
		 * @param unsupportedOptions the policy
		 * @return this builder
		 */
		public Builder unsupportedOptions(UnsupportedOptionPolicy unsupportedOptions) {
			Assert.notNull(unsupportedOptions, "'unsupportedOptions' must not be null");
			this.unsupportedOptions = unsupportedOptions;
			return this;
		}

		/**
		 * Set how to limit attempts that are in conflict.
		 * @param contention the settings of the limit, {@code null} for none
		 * @return this builder
		 */
		public Builder contention(@Nullable ContentionSettings contention) {
			this.contention = contention;
			return this;
		}

		/**
		 * Set how unknown outcomes are found out.
		 * @param outcome the settings
		 * @return this builder
		 */
		public Builder outcome(OutcomeSettings outcome) {
			Assert.notNull(outcome, "'outcome' must not be null");
			this.outcome = outcome;
			return this;
		}

		/**
		 * Set what waits between attempts. Infrastructure of this library's test kit, no
		 * API for applications.
		 * @param sleeper what waits
		 * @return this builder
		 */
		public Builder sleeper(BackoffSleeper sleeper) {
			Assert.notNull(sleeper, "'sleeper' must not be null");
			this.sleeper = sleeper;
			return this;
		}

		/**
		 * Build the settings.
		 * @return the settings
		 */
		public CrdbTransactionSettings build() {
			return new CrdbTransactionSettings(new Builder(this));
		}

	}

}
