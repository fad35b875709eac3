package io.github.crdbspring.metrics;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionNames;
import io.github.crdbspring.transaction.TransactionObserver;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Records transactions in meters: {@code crdb.transaction.duration} by name and outcome,
 * {@code crdb.transaction.attempts}, {@code crdb.transaction.backoff},
 * {@code crdb.transaction.limit}, {@code crdb.transaction.limit.keys},
 * {@code crdb.transaction.waiting} and {@code crdb.transaction.wait} by name,
 * {@code crdb.transaction.resolved} by name and outcome, and
 * {@code crdb.transaction.retries} by name, SQLSTATE and reason.
 * <p>
 * The meters are looked up once per name, and stay in use until this object goes.
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class MeterTransactionObserver implements TransactionObserver {

	private final TransactionNames<TransactionMeters> meters;

	/**
	 * Create a new observer.
	 * @param registry holds the meters
	 */
	public MeterTransactionObserver(MeterRegistry registry) {
		this.meters = new TransactionNames<>((name) -> new TransactionMeters(registry, name));
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		return this.meters.get(options.name());
	}

	@Override
	public void limitable(TransactionLimit limit) {
		this.meters.get(limit.name()).add(limit);
	}

}
