package io.github.crdbspring.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The meters of all transactions with the same name. They are looked up once, and none of
 * what is recorded belongs to one transaction, so that this serves all of them.
 */
final class TransactionMeters implements TransactionObserver.Observed {

	private final MeterRegistry registry;

	private final String name;

	private final Map<TransactionOutcome, Timer> durations = new EnumMap<>(TransactionOutcome.class);

	private final DistributionSummary attempts;

	private final Timer backoff;

	private final Timer wait;

	/**
	 * One for each template. Templates may come and go, and the meters stay.
	 */
	private final Set<TransactionLimit> limits = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private final Map<FailureReason, Counter> retries = new ConcurrentHashMap<>();

	TransactionMeters(MeterRegistry registry, String name) {
		this.registry = registry;
		this.name = name;
		// Also those that may never happen: an alert on the first one needs the zero
		// before
		for (TransactionOutcome outcome : TransactionOutcome.values()) {
			this.durations.put(outcome,
					Timer.builder("crdb.transaction.duration")
						.description("Transactions, with all their attempts and the pauses between them")
						.tags("name", name, "outcome", TagValues.outcome(outcome))
						.register(registry));
		}
		this.attempts = DistributionSummary.builder("crdb.transaction.attempts")
			.description("Attempts that a transaction took, whatever its outcome")
			.baseUnit("attempts")
			.tags("name", name)
			.register(registry);
		this.wait = Timer.builder("crdb.transaction.wait")
			.description("Waits of attempts for others of the same name to end, because of conflicts")
			.tags("name", name)
			.register(registry);
		Gauge.builder("crdb.transaction.waiting", this, TransactionMeters::waiting)
			.description("Callers that wait for others of the same name to end, because of conflicts")
			.baseUnit("callers")
			.tags("name", name)
			.register(registry);
		Gauge.builder("crdb.transaction.limit", this, TransactionMeters::limit)
			.description("Attempts that may be under way at once, because of conflicts; not a number without a limit")
			.baseUnit("attempts")
			.tags("name", name)
			.register(registry);
		Gauge.builder("crdb.transaction.limit.keys", this, TransactionMeters::keys)
			.description("Keys on which conflicts concentrate, so that only attempts with the same one are limited")
			.baseUnit("keys")
			.tags("name", name)
			.register(registry);
		this.backoff = Timer.builder("crdb.transaction.backoff")
			.description("Pauses between the attempts of transactions")
			.tags("name", name)
			.register(registry);
	}

	void add(TransactionLimit limit) {
		this.limits.add(limit);
	}

	private double waiting() {
		double waiting = 0;
		for (TransactionLimit limit : limits()) {
			waiting += limit.waiting();
		}
		return waiting;
	}

	private double keys() {
		double keys = 0;
		for (TransactionLimit limit : limits()) {
			keys += limit.keys();
		}
		return keys;
	}

	/**
	 * The least of the limits in force: that of the DataSource in trouble.
	 */
	private double limit() {
		double least = Double.NaN;
		for (TransactionLimit candidate : limits()) {
			double limit = candidate.limit();
			if (Double.isNaN(least) || limit < least) {
				least = limit;
			}
		}
		return least;
	}

	private List<TransactionLimit> limits() {
		synchronized (this.limits) {
			return new ArrayList<>(this.limits);
		}
	}

	@Override
	public void waited(TransactionAttempt next, Duration time) {
		this.wait.record(time);
	}

	@Override
	public void attemptStarted(TransactionAttempt attempt) {
		if (attempt.lastFailure() != null) {
			this.retries.computeIfAbsent(FailureReason.of(attempt.lastFailure()), this::retries).increment();
		}
	}

	@Override
	public void resolved(TransactionAttempt attempt, TransactionOutcome outcome, Duration time) {
		Timer.builder("crdb.transaction.resolved")
			.description("Unknown outcomes that were to be found out, by what was found out")
			.tags("name", this.name, "outcome", TagValues.outcome(outcome))
			.register(this.registry)
			.record(time);
	}

	@Override
	public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		this.backoff.record(backoff);
	}

	private Counter retries(FailureReason reason) {
		return Counter.builder("crdb.transaction.retries")
			.description("Attempts that failed and are followed by another one")
			.baseUnit("retries")
			.tags("name", this.name, "sqlstate", TagValues.sqlState(reason), "reason", TagValues.reason(reason))
			.register(this.registry);
	}

	@Override
	public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
		Timer duration = this.durations.get(outcome);
		if (duration != null) {
			duration.record((last != null) ? last.elapsed() : Duration.ZERO);
		}
		if (last != null && outcome != TransactionOutcome.REJECTED) {
			this.attempts.record(last.number());
		}
	}

}
