package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionPriority;
import io.github.crdbspring.transaction.UnsupportedOptionPolicy;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties for transactions.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb.transaction")
public class CrdbTransactionProperties {

	/**
	 * How often a transaction is run at most, the first time included. With 1 nothing is
	 * retried.
	 */
	private int maxAttempts = 10;

	/**
	 * What happens to a transaction inside another one on the same DataSource.
	 */
	private NestedTransactionPolicy nested = NestedTransactionPolicy.JOIN;

	/**
	 * Time that bounds all attempts of a transaction and the pauses between them. No
	 * bound by default.
	 */
	private @Nullable Duration timeout;

	/**
	 * Priority of transactions that do not set one.
	 */
	private TransactionPriority priority = TransactionPriority.DEFAULT;

	/**
	 * Whether a transaction whose connection was lost before COMMIT was sent is run again
	 * on a new connection.
	 */
	private boolean retryConnectionErrors = true;

	/**
	 * Whether methods of Spring's own Transactional annotation are run again too, with
	 * the default options.
	 */
	private boolean retrySpringTransactional;

	/**
	 * What happens to transaction options that the server does not have, such as a
	 * priority on PostgreSQL.
	 */
	private UnsupportedOptionPolicy unsupportedOptions = UnsupportedOptionPolicy.FAIL;

	private final Backoff backoff = new Backoff();

	public int getMaxAttempts() {
		return this.maxAttempts;
	}

	public void setMaxAttempts(int maxAttempts) {
		this.maxAttempts = maxAttempts;
	}

	public NestedTransactionPolicy getNested() {
		return this.nested;
	}

	public void setNested(NestedTransactionPolicy nested) {
		this.nested = nested;
	}

	public @Nullable Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(@Nullable Duration timeout) {
		this.timeout = timeout;
	}

	public TransactionPriority getPriority() {
		return this.priority;
	}

	public void setPriority(TransactionPriority priority) {
		this.priority = priority;
	}

	public boolean isRetryConnectionErrors() {
		return this.retryConnectionErrors;
	}

	public void setRetryConnectionErrors(boolean retryConnectionErrors) {
		this.retryConnectionErrors = retryConnectionErrors;
	}

	public boolean isRetrySpringTransactional() {
		return this.retrySpringTransactional;
	}

	public void setRetrySpringTransactional(boolean retrySpringTransactional) {
		this.retrySpringTransactional = retrySpringTransactional;
	}

	public UnsupportedOptionPolicy getUnsupportedOptions() {
		return this.unsupportedOptions;
	}

	public void setUnsupportedOptions(UnsupportedOptionPolicy unsupportedOptions) {
		this.unsupportedOptions = unsupportedOptions;
	}

	public Backoff getBackoff() {
		return this.backoff;
	}

	/**
	 * Properties of the pauses between attempts.
	 */
	public static class Backoff {

		/**
		 * Interval after the first failed attempt.
		 */
		private Duration initialInterval = Duration.ofMillis(50);

		/**
		 * What the interval is multiplied by after each further failed attempt.
		 */
		private double multiplier = 2;

		/**
		 * Longest interval.
		 */
		private Duration maxInterval = Duration.ofSeconds(2);

		/**
		 * Random share of the interval, from 0 (the pause is the interval) to 1 (the
		 * pause is anything up to the interval).
		 */
		private double jitter = 1.0;

		public Duration getInitialInterval() {
			return this.initialInterval;
		}

		public void setInitialInterval(Duration initialInterval) {
			this.initialInterval = initialInterval;
		}

		public double getMultiplier() {
			return this.multiplier;
		}

		public void setMultiplier(double multiplier) {
			this.multiplier = multiplier;
		}

		public Duration getMaxInterval() {
			return this.maxInterval;
		}

		public void setMaxInterval(Duration maxInterval) {
			this.maxInterval = maxInterval;
		}

		public double getJitter() {
			return this.jitter;
		}

		public void setJitter(double jitter) {
			this.jitter = jitter;
		}

	}

}
