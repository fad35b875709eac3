package io.github.crdbspring.metrics;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionNames;
import io.github.crdbspring.transaction.TransactionObserver;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Makes an observation of each transaction, and inside it one of each attempt, whose
 * scope is open while the callback runs. Nothing is made while nobody handles
 * observations.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class ObservationTransactionObserver implements TransactionObserver {

	private static final CrdbTransactionObservationConvention DEFAULT_TRANSACTION_CONVENTION = new DefaultCrdbTransactionObservationConvention();

	private static final CrdbAttemptObservationConvention DEFAULT_ATTEMPT_CONVENTION = new DefaultCrdbAttemptObservationConvention();

	private final ObservationRegistry registry;

	private final @Nullable CrdbTransactionObservationConvention transactionConvention;

	private final @Nullable CrdbAttemptObservationConvention attemptConvention;

	private final TransactionNames<String> names = new TransactionNames<>((name) -> name);

	/**
	 * Create a new observer.
	 * @param registry knows who handles observations
	 * @param transactionConvention names transactions, {@code null} for a global
	 * convention of the registry's, or else the default
	 * @param attemptConvention names attempts, {@code null} likewise
	 */
	public ObservationTransactionObserver(ObservationRegistry registry,
			@Nullable CrdbTransactionObservationConvention transactionConvention,
			@Nullable CrdbAttemptObservationConvention attemptConvention) {
		this.registry = registry;
		this.transactionConvention = transactionConvention;
		this.attemptConvention = attemptConvention;
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		if (this.registry.isNoop()) {
			return Observed.NOTHING;
		}
		CrdbTransactionObservationContext context = new CrdbTransactionObservationContext(
				this.names.get(options.name()), options);
		Observation transaction = Observation.createNotStarted(this.transactionConvention,
				DEFAULT_TRANSACTION_CONVENTION, () -> context, this.registry);
		return transaction.isNoop() ? Observed.NOTHING : new ObservedTransaction(this, context, transaction.start());
	}

	/**
	 * Create the observation of an attempt. Its parent is the one of the transaction,
	 * whose scope is open.
	 */
	Observation create(CrdbAttemptObservationContext context) {
		return Observation.createNotStarted(this.attemptConvention, DEFAULT_ATTEMPT_CONVENTION, () -> context,
				this.registry);
	}

}
