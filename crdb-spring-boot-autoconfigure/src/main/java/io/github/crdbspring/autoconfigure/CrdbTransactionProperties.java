package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.OutcomePolicy;
import io.github.crdbspring.transaction.QualityOfService;
import io.github.crdbspring.transaction.TransactionPriority;
import io.github.crdbspring.transaction.UnsupportedOptionPolicy;
import io.github.crdbspring.transaction.contention.ContentionKeySource;
import io.github.crdbspring.transaction.outcome.OutcomeSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.sql.init.DatabaseInitializationMode;

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
	 * Quality of service of transactions that do not set one. As a session variable of
	 * the pool it costs nothing: crdb.session.default-transaction-quality-of-service.
	 */
	private QualityOfService qualityOfService = QualityOfService.DEFAULT;

	/**
	 * How long statements of transactions that do not say so themselves wait for a lock.
	 * As a session variable of the pool it costs nothing: crdb.session.lock-timeout.
	 */
	private @Nullable Duration lockTimeout;

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
	 * Whether a transaction is run again when JPA's or Spring Data's own check of a row's
	 * version has failed.
	 */
	private boolean retryOptimisticLocking;

	/**
	 * What happens to transaction options that the server does not have, such as a
	 * priority on PostgreSQL.
	 */
	private UnsupportedOptionPolicy unsupportedOptions = UnsupportedOptionPolicy.FAIL;

	private final Backoff backoff = new Backoff();

	private final Contention contention = new Contention();

	private final Outcome outcome = new Outcome();

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

	public QualityOfService getQualityOfService() {
		return this.qualityOfService;
	}

	public void setQualityOfService(QualityOfService qualityOfService) {
		this.qualityOfService = qualityOfService;
	}

	public @Nullable Duration getLockTimeout() {
		return this.lockTimeout;
	}

	public void setLockTimeout(@Nullable Duration lockTimeout) {
		this.lockTimeout = lockTimeout;
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

	public boolean isRetryOptimisticLocking() {
		return this.retryOptimisticLocking;
	}

	public void setRetryOptimisticLocking(boolean retryOptimisticLocking) {
		this.retryOptimisticLocking = retryOptimisticLocking;
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

	public Contention getContention() {
		return this.contention;
	}

	public Outcome getOutcome() {
		return this.outcome;
	}

	/**
	 * Properties of the pauses between attempts.
	 */
	public static class Backoff {

		/**
		 * Interval after the first failed attempt. 50ms by default, 1ms after a conflict
		 * where contention is limited and neither an interval nor the multiplier is set.
		 */
		private @Nullable Duration initialInterval;

		/**
		 * What the interval is multiplied by after each further failed attempt. 2 by
		 * default.
		 */
		private @Nullable Double multiplier;

		/**
		 * Longest interval. 2s by default, or the initial interval if that is longer;
		 * 20ms after a conflict where contention is limited and neither an interval nor
		 * the multiplier is set.
		 */
		private @Nullable Duration maxInterval;

		/**
		 * Random share of the interval, from 0 (the pause is the interval) to 1 (the
		 * pause is anything up to the interval). 1 by default.
		 */
		private @Nullable Double jitter;

		public @Nullable Duration getInitialInterval() {
			return this.initialInterval;
		}

		public void setInitialInterval(@Nullable Duration initialInterval) {
			this.initialInterval = initialInterval;
		}

		public @Nullable Double getMultiplier() {
			return this.multiplier;
		}

		public void setMultiplier(@Nullable Double multiplier) {
			this.multiplier = multiplier;
		}

		public @Nullable Duration getMaxInterval() {
			return this.maxInterval;
		}

		public void setMaxInterval(@Nullable Duration maxInterval) {
			this.maxInterval = maxInterval;
		}

		public @Nullable Double getJitter() {
			return this.jitter;
		}

		public void setJitter(@Nullable Double jitter) {
			this.jitter = jitter;
		}

	}

	/**
	 * Properties of the limit of attempts that are in conflict.
	 */
	public static class Contention {

		/**
		 * Whether attempts of the same transaction are limited while they are in
		 * conflict.
		 */
		private boolean enabled = true;

		/**
		 * Where the keys come from that calls in conflict may have in common.
		 */
		private ContentionKeySource keys = ContentionKeySource.ARGUMENTS;

		/**
		 * What is added to the limit by as many commits as it allows at once.
		 */
		private double increase = 0.25;

		/**
		 * What a conflict multiplies the limit with.
		 */
		private double decrease = 0.5;

		/**
		 * Share of the latest attempts that may be in conflict before a limit comes into
		 * force, from 0 to below 1.
		 */
		private double tolerance = 0.1;

		/**
		 * How long nothing may end before a caller that waits is admitted above the
		 * limit. Four times as long as attempts usually take, if that is longer.
		 */
		private Duration stallTimeout = Duration.ofSeconds(1);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public ContentionKeySource getKeys() {
			return this.keys;
		}

		public void setKeys(ContentionKeySource keys) {
			this.keys = keys;
		}

		public double getIncrease() {
			return this.increase;
		}

		public void setIncrease(double increase) {
			this.increase = increase;
		}

		public double getDecrease() {
			return this.decrease;
		}

		public void setDecrease(double decrease) {
			this.decrease = decrease;
		}

		public double getTolerance() {
			return this.tolerance;
		}

		public void setTolerance(double tolerance) {
			this.tolerance = tolerance;
		}

		public Duration getStallTimeout() {
			return this.stallTimeout;
		}

		public void setStallTimeout(Duration stallTimeout) {
			this.stallTimeout = stallTimeout;
		}

	}

	/**
	 * Properties of finding out outcomes that are unknown.
	 */
	public static class Outcome {

		/**
		 * What happens to transactions whose outcome is unknown, unless they say so
		 * themselves.
		 */
		private OutcomePolicy policy = OutcomePolicy.REPORT;

		/**
		 * How long an outcome is tried to be found out, within the transaction's own
		 * timeout.
		 */
		private Duration resolveTimeout = OutcomeSettings.defaults().resolveTimeout();

		/**
		 * How long the rows in crdb_transaction_outcome are kept. 0 for ever.
		 */
		private Duration retention = OutcomeSettings.defaults().retention();

		/**
		 * When to create the table crdb_transaction_outcome. Neither CockroachDB nor
		 * PostgreSQL counts as embedded.
		 */
		private DatabaseInitializationMode initializeSchema = DatabaseInitializationMode.EMBEDDED;

		public OutcomePolicy getPolicy() {
			return this.policy;
		}

		public void setPolicy(OutcomePolicy policy) {
			this.policy = policy;
		}

		public Duration getResolveTimeout() {
			return this.resolveTimeout;
		}

		public void setResolveTimeout(Duration resolveTimeout) {
			this.resolveTimeout = resolveTimeout;
		}

		public Duration getRetention() {
			return this.retention;
		}

		public void setRetention(Duration retention) {
			this.retention = retention;
		}

		public DatabaseInitializationMode getInitializeSchema() {
			return this.initializeSchema;
		}

		public void setInitializeSchema(DatabaseInitializationMode initializeSchema) {
			this.initializeSchema = initializeSchema;
		}

	}

}
