package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionPriority;
import io.github.crdbspring.transaction.UnsupportedOptionPolicy;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties for CockroachDB.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb")
public class CrdbProperties {

	/**
	 * Whether the support for CockroachDB is enabled.
	 */
	private boolean enabled = true;

	/**
	 * URL of the database, such as
	 * postgresql://user:password@host:26257/database?sslmode=verify-full. Anything that
	 * configures a DataSource with Spring Boot's own means wins over it.
	 */
	private @Nullable String url;

	/**
	 * User of the database. Wins over the one in the URL.
	 */
	private @Nullable String username;

	/**
	 * Password of the database. Wins over the one in the URL.
	 */
	private @Nullable String password;

	private final Transaction transaction = new Transaction();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable String getUrl() {
		return this.url;
	}

	public void setUrl(@Nullable String url) {
		this.url = url;
	}

	public @Nullable String getUsername() {
		return this.username;
	}

	public void setUsername(@Nullable String username) {
		this.username = username;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public Transaction getTransaction() {
		return this.transaction;
	}

	/**
	 * Properties of transactions.
	 */
	public static class Transaction {

		/**
		 * How often a transaction is run at most, the first time included. With 1 nothing
		 * is retried.
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
		 * Whether a transaction whose connection was lost before COMMIT was sent is run
		 * again on a new connection.
		 */
		private boolean retryConnectionErrors = true;

		/**
		 * Whether methods of Spring's own Transactional annotation are run again too,
		 * with the default options.
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
