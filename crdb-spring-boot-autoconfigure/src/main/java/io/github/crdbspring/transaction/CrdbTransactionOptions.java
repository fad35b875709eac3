package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.util.Assert;

/**
 * How a transaction is to be run. Immutable; what is left unset comes from the defaults
 * of the {@link CrdbTransactionTemplate}.
 *
 * @since 0.1.0
 */
public final class CrdbTransactionOptions {

	private static final CrdbTransactionOptions NONE = new Builder().build();

	private final @Nullable String name;

	private final int maxAttempts;

	private final TransactionPriority priority;

	private final TransactionPriority retryPriority;

	private final @Nullable SystemTime systemTime;

	private final @Nullable Boolean readOnly;

	private final Isolation isolation;

	private final NestedTransactionPolicy nested;

	private final @Nullable Duration timeout;

	private final @Nullable Boolean idempotent;

	private final OutcomePolicy outcome;

	private final @Nullable List<Object> contentionKeys;

	private final QualityOfService qualityOfService;

	private final @Nullable Duration lockTimeout;

	/**
	 * Made once where that is possible: most calls have the options of their method.
	 */
	private volatile @Nullable TransactionDefinition definition;

	private CrdbTransactionOptions(Builder builder) {
		this.name = builder.name;
		this.maxAttempts = builder.maxAttempts;
		this.priority = builder.priority;
		this.retryPriority = builder.retryPriority;
		this.systemTime = builder.systemTime;
		this.readOnly = builder.readOnly;
		this.isolation = builder.isolation;
		this.nested = builder.nested;
		this.timeout = builder.timeout;
		this.idempotent = builder.idempotent;
		this.outcome = builder.outcome;
		this.contentionKeys = builder.contentionKeys;
		this.qualityOfService = builder.qualityOfService;
		this.lockTimeout = builder.lockTimeout;
	}

	/**
	 * Return options in which nothing is set.
	 * @return empty options
	 */
	public static CrdbTransactionOptions none() {
		return NONE;
	}

	/**
	 * Start with nothing set.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Start with what is set here.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder();
		builder.name = this.name;
		builder.maxAttempts = this.maxAttempts;
		builder.priority = this.priority;
		builder.retryPriority = this.retryPriority;
		builder.systemTime = this.systemTime;
		builder.readOnly = this.readOnly;
		builder.isolation = this.isolation;
		builder.nested = this.nested;
		builder.timeout = this.timeout;
		builder.idempotent = this.idempotent;
		builder.outcome = this.outcome;
		builder.contentionKeys = this.contentionKeys;
		builder.qualityOfService = this.qualityOfService;
		builder.lockTimeout = this.lockTimeout;
		return builder;
	}

	/**
	 * Return the name for metrics, logs and exceptions.
	 * @return the name, empty if unset
	 */
	public String name() {
		return (this.name != null) ? this.name : "";
	}

	/**
	 * Return how often the transaction is run at most, the first time included.
	 * @return the number of calls, 0 if unset
	 */
	public int maxAttempts() {
		return this.maxAttempts;
	}

	/**
	 * Return the priority.
	 * @return the priority, {@code DEFAULT} if unset
	 */
	public TransactionPriority priority() {
		return this.priority;
	}

	/**
	 * Return the priority from the second attempt on.
	 * @return the priority, {@code DEFAULT} if it is the same as for the first
	 */
	public TransactionPriority retryPriority() {
		return this.retryPriority;
	}

	/**
	 * Return how urgent the transaction's work is to an overloaded server.
	 * @return the quality of service, {@code DEFAULT} if unset
	 */
	public QualityOfService qualityOfService() {
		return this.qualityOfService;
	}

	/**
	 * Return how long a statement waits for a lock of another transaction.
	 * @return the timeout, {@code null} if unset
	 */
	public @Nullable Duration lockTimeout() {
		return this.lockTimeout;
	}

	/**
	 * Return the time as of which the transaction reads.
	 * @return the system time, {@code null} if unset
	 */
	public @Nullable SystemTime systemTime() {
		return this.systemTime;
	}

	/**
	 * Whether the transaction only reads. A system time implies it.
	 * @return {@code true} if it only reads
	 */
	public boolean readOnly() {
		return this.systemTime != null || Boolean.TRUE.equals(this.readOnly);
	}

	/**
	 * Return the isolation level.
	 * @return the isolation level, {@code DEFAULT} if unset
	 */
	public Isolation isolation() {
		return this.isolation;
	}

	/**
	 * Return what happens inside another transaction.
	 * @return the policy, {@code DEFAULT} if unset
	 */
	public NestedTransactionPolicy nested() {
		return this.nested;
	}

	/**
	 * Return the time that bounds all attempts and the pauses between them.
	 * @return the timeout, {@code null} if there is none
	 */
	public @Nullable Duration timeout() {
		return this.timeout;
	}

	/**
	 * Whether the transaction may be run again when its outcome is unknown.
	 * @return {@code true} if running it twice does no harm
	 */
	public boolean idempotent() {
		return Boolean.TRUE.equals(this.idempotent);
	}

	/**
	 * Return what happens when the outcome is unknown.
	 * @return the policy, {@code DEFAULT} if unset
	 */
	public OutcomePolicy outcome() {
		return this.outcome;
	}

	/**
	 * Whether the transaction leaves a mark by which its outcome can be found out.
	 */
	boolean leavesMark() {
		return this.outcome == OutcomePolicy.RESOLVE && !readOnly();
	}

	/**
	 * Return what the transaction has in common with those that it conflicts with.
	 * @return the keys, empty if there are none or nothing is said about them
	 */
	public List<Object> contentionKeys() {
		return (this.contentionKeys != null) ? this.contentionKeys : List.of();
	}

	/**
	 * Whether it is said what the transaction has in common with others.
	 */
	boolean hasContentionKeys() {
		return this.contentionKeys != null;
	}

	/**
	 * Return how Spring is to begin a transaction with these options.
	 * @param remaining what is left of the timeout, {@code null} if there is none
	 */
	TransactionDefinition definition(int propagation, @Nullable Duration remaining) {
		if (remaining != null || propagation != TransactionDefinition.PROPAGATION_REQUIRED) {
			return newDefinition(propagation, remaining);
		}
		TransactionDefinition known = this.definition;
		if (known == null) {
			known = newDefinition(propagation, null);
			this.definition = known;
		}
		return known;
	}

	private TransactionDefinition newDefinition(int propagation, @Nullable Duration remaining) {
		DefaultTransactionDefinition made = new DefaultTransactionDefinition(propagation);
		if (!name().isEmpty()) {
			made.setName(name());
		}
		made.setReadOnly(readOnly());
		if (remaining != null) {
			// Spring counts in seconds; a shorter rest must not become 'no timeout'
			made.setTimeout((int) Math.min(Math.max(remaining.plusMillis(999).toSeconds(), 1), Integer.MAX_VALUE));
		}
		return made;
	}

	CrdbTransactionOptions withDefaults(CrdbTransactionOptions defaults) {
		if (this == defaults || this == NONE) {
			return defaults;
		}
		Builder builder = defaults.toBuilder();
		builder.name = (this.name != null) ? this.name : defaults.name;
		builder.maxAttempts = (this.maxAttempts != 0) ? this.maxAttempts : defaults.maxAttempts;
		builder.priority = (this.priority != TransactionPriority.DEFAULT) ? this.priority : defaults.priority;
		builder.retryPriority = (this.retryPriority != TransactionPriority.DEFAULT) ? this.retryPriority
				: defaults.retryPriority;
		builder.systemTime = (this.systemTime != null) ? this.systemTime : defaults.systemTime;
		builder.readOnly = (this.readOnly != null) ? this.readOnly : defaults.readOnly;
		builder.isolation = (this.isolation != Isolation.DEFAULT) ? this.isolation : defaults.isolation;
		builder.nested = (this.nested != NestedTransactionPolicy.DEFAULT) ? this.nested : defaults.nested;
		builder.timeout = (this.timeout != null) ? this.timeout : defaults.timeout;
		builder.idempotent = (this.idempotent != null) ? this.idempotent : defaults.idempotent;
		builder.outcome = (this.outcome != OutcomePolicy.DEFAULT) ? this.outcome : defaults.outcome;
		builder.contentionKeys = (this.contentionKeys != null) ? this.contentionKeys : defaults.contentionKeys;
		builder.qualityOfService = (this.qualityOfService != QualityOfService.DEFAULT) ? this.qualityOfService
				: defaults.qualityOfService;
		builder.lockTimeout = (this.lockTimeout != null) ? this.lockTimeout : defaults.lockTimeout;
		return builder.build();
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return this == obj || (obj instanceof CrdbTransactionOptions other && Objects.equals(this.name, other.name)
				&& this.maxAttempts == other.maxAttempts && this.priority == other.priority
				&& this.retryPriority == other.retryPriority && Objects.equals(this.systemTime, other.systemTime)
				&& Objects.equals(this.readOnly, other.readOnly) && this.isolation == other.isolation
				&& this.nested == other.nested && Objects.equals(this.timeout, other.timeout)
				&& Objects.equals(this.idempotent, other.idempotent) && this.outcome == other.outcome
				&& Objects.equals(this.contentionKeys, other.contentionKeys)
				&& this.qualityOfService == other.qualityOfService
				&& Objects.equals(this.lockTimeout, other.lockTimeout));
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.name, this.maxAttempts, this.priority, this.retryPriority, this.systemTime,
				this.readOnly, this.isolation, this.nested, this.timeout, this.idempotent, this.outcome,
				this.contentionKeys, this.qualityOfService, this.lockTimeout);
	}

	/**
	 * Without the values of keys, only how many there are.
	 */
	@Override
	public String toString() {
		return "CrdbTransactionOptions[name=" + name() + ", maxAttempts=" + this.maxAttempts + ", priority="
				+ this.priority + ", retryPriority=" + this.retryPriority + ", systemTime=" + this.systemTime
				+ ", readOnly=" + readOnly() + ", isolation=" + this.isolation + ", nested=" + this.nested
				+ ", timeout=" + this.timeout + ", idempotent=" + idempotent() + ", outcome=" + this.outcome
				+ ", contentionKeys=" + contentionKeys().size() + ", qualityOfService=" + this.qualityOfService
				+ ", lockTimeout=" + this.lockTimeout + "]";
	}

	/**
	 * Builds options. Not thread-safe.
	 */
	public static final class Builder {

		private @Nullable String name;

		private int maxAttempts;

		private TransactionPriority priority = TransactionPriority.DEFAULT;

		private TransactionPriority retryPriority = TransactionPriority.DEFAULT;

		private @Nullable SystemTime systemTime;

		private @Nullable Boolean readOnly;

		private Isolation isolation = Isolation.DEFAULT;

		private NestedTransactionPolicy nested = NestedTransactionPolicy.DEFAULT;

		private @Nullable Duration timeout;

		private @Nullable Boolean idempotent;

		private OutcomePolicy outcome = OutcomePolicy.DEFAULT;

		private @Nullable List<Object> contentionKeys;

		private QualityOfService qualityOfService = QualityOfService.DEFAULT;

		private @Nullable Duration lockTimeout;

		private Builder() {
		}

		/**
		 * Set the name for metrics, logs and exceptions.
		 * @param name the name
		 * @return this builder
		 */
		public Builder name(String name) {
			Assert.notNull(name, "'name' must not be null");
			this.name = name;
			return this;
		}

		/**
		 * Set how often the transaction is run at most, the first time included; 1
		 * switches retrying off.
		 * @param maxAttempts the number of calls, 0 for the default
		 * @return this builder
		 */
		public Builder maxAttempts(int maxAttempts) {
			Assert.isTrue(maxAttempts >= 0,
					() -> "'maxAttempts' must be at least 1, or 0 for the default, but is " + maxAttempts);
			this.maxAttempts = maxAttempts;
			return this;
		}

		/**
		 * Set the priority.
		 * @param priority the priority
		 * @return this builder
		 */
		public Builder priority(TransactionPriority priority) {
			Assert.notNull(priority, "'priority' must not be null");
			this.priority = priority;
			return this;
		}

		/**
		 * Set the priority from the second attempt on.
		 * @param retryPriority the priority
		 * @return this builder
		 */
		public Builder retryPriority(TransactionPriority retryPriority) {
			Assert.notNull(retryPriority, "'retryPriority' must not be null");
			this.retryPriority = retryPriority;
			return this;
		}

		/**
		 * Set how urgent the transaction's work is to an overloaded server. Needs
		 * CockroachDB 22.1. It costs a round trip, the same as that of other options, and
		 * the server's own retries of the first statement; as a session variable of a
		 * pool it costs neither.
		 * @param qualityOfService the quality of service
		 * @return this builder
		 */
		public Builder qualityOfService(QualityOfService qualityOfService) {
			Assert.notNull(qualityOfService, "'qualityOfService' must not be null");
			this.qualityOfService = qualityOfService;
			return this;
		}

		/**
		 * Set how long a statement waits for a lock of another transaction, reads
		 * included. What waits longer fails with SQLSTATE 55P03, and the transaction is
		 * not run again. Needs CockroachDB 21.2, or PostgreSQL. It costs what
		 * {@link #qualityOfService} costs.
		 * @param lockTimeout the timeout, at least a millisecond, {@code null} for the
		 * default
		 * @return this builder
		 */
		public Builder lockTimeout(@Nullable Duration lockTimeout) {
			Assert.isTrue(lockTimeout == null || lockTimeout.toMillis() >= 1,
					() -> "'lockTimeout' must be at least a millisecond, but is " + lockTimeout);
			this.lockTimeout = lockTimeout;
			return this;
		}

		/**
		 * Set the time as of which the transaction reads, which makes it read-only.
		 * @param systemTime the system time
		 * @return this builder
		 */
		public Builder systemTime(@Nullable SystemTime systemTime) {
			this.systemTime = systemTime;
			return this;
		}

		/**
		 * Set whether the transaction only reads.
		 * @param readOnly {@code true} if it only reads
		 * @return this builder
		 */
		public Builder readOnly(boolean readOnly) {
			this.readOnly = readOnly;
			return this;
		}

		/**
		 * Set the isolation level.
		 * @param isolation the isolation level
		 * @return this builder
		 */
		public Builder isolation(Isolation isolation) {
			Assert.notNull(isolation, "'isolation' must not be null");
			this.isolation = isolation;
			return this;
		}

		/**
		 * Set what happens inside another transaction.
		 * @param nested the policy
		 * @return this builder
		 */
		public Builder nested(NestedTransactionPolicy nested) {
			Assert.notNull(nested, "'nested' must not be null");
			this.nested = nested;
			return this;
		}

		/**
		 * Set the time that bounds all attempts and the pauses between them.
		 * @param timeout the timeout, {@code null} for none
		 * @return this builder
		 */
		public Builder timeout(@Nullable Duration timeout) {
			Assert.isTrue(timeout == null || (!timeout.isNegative() && !timeout.isZero()),
					() -> "'timeout' must be positive, but is " + timeout);
			this.timeout = timeout;
			return this;
		}

		/**
		 * Set whether the transaction may be run again when its outcome is unknown.
		 * @param idempotent {@code true} if running it twice does no harm
		 * @return this builder
		 */
		public Builder idempotent(boolean idempotent) {
			this.idempotent = idempotent;
			return this;
		}

		/**
		 * Set what happens when the outcome is unknown.
		 * @param outcome the policy
		 * @return this builder
		 */
		public Builder outcome(OutcomePolicy outcome) {
			Assert.notNull(outcome, "'outcome' must not be null");
			this.outcome = outcome;
			return this;
		}

		/**
		 * Set what the transaction has in common with those of the same name that it
		 * conflicts with, such as the ids of the rows that it changes. Where conflicts
		 * concentrate on a key, only transactions with that key wait for each other.
		 * @param keys values with {@code equals} and {@code hashCode}, in any order; none
		 * if it has nothing in common with others
		 * @return this builder
		 */
		public Builder contentionKeys(Object... keys) {
			Assert.noNullElements(keys, "'contentionKeys' must not contain null");
			this.contentionKeys = List.of(keys);
			return this;
		}

		/**
		 * Build the options.
		 * @return immutable options
		 */
		public CrdbTransactionOptions build() {
			return new CrdbTransactionOptions(this);
		}

	}

}
