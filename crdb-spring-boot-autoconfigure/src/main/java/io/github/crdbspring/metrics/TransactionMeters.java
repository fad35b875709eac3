package io.github.crdbspring.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
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
		this.backoff = Timer.builder("crdb.transaction.backoff")
			.description("Pauses between the attempts of transactions")
			.tags("name", name)
			.register(registry);
	}

	@Override
	public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		this.retries.computeIfAbsent(FailureReason.of(failure), this::retries).increment();
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
