package io.github.crdbspring.sample.page;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.transaction.statistics.TransactionStatistics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.core.instrument.search.Search;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * Reads what the library records for everybody: its meters, and the statistics behind the
 * endpoint {@code crdb}.
 */
@Component
class FigureReader {

	private static final String TRANSFER = "Bank.transfer";

	private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

	private final MeterRegistry registry;

	private final TransactionStatistics statistics;

	FigureReader(MeterRegistry registry, TransactionStatistics statistics) {
		this.registry = registry;
		this.statistics = statistics;
	}

	Totals totals() {
		Collection<DistributionSummary> attempts = find("attempts").summaries();
		return new Totals(ended("committed"), ended("rolled_back"), ended("exhausted") + ended("deadline"),
				ended("ambiguous"), (long) find("retries").counters().stream().mapToDouble(Counter::count).sum(),
				attempts.stream().mapToLong(DistributionSummary::count).sum(),
				(long) attempts.stream().mapToDouble(DistributionSummary::totalAmount).sum(), found("committed"),
				found("rolled_back"),
				find("resolved").timers()
					.stream()
					.mapToDouble((timer) -> timer.totalTime(TimeUnit.MILLISECONDS))
					.sum());
	}

	/**
	 * Return the figures of this moment.
	 * @param last what was true a moment ago
	 * @param nanos how long ago that was
	 */
	Figures read(Totals last, long nanos) {
		Totals totals = totals();
		Totals fresh = totals.since(last);
		double seconds = nanos / NANOS_PER_SECOND;
		TransactionStatistics.Summary summary = this.statistics.summaries().get(TRANSFER);
		return new Figures(System.currentTimeMillis(), fresh.committed() / seconds, fresh.retries() / seconds,
				(fresh.transactions() > 0) ? (double) fresh.attempts() / fresh.transactions() : null,
				(fresh.committed() > 0) ? percentile(0.5) : null, (fresh.committed() > 0) ? percentile(0.99) : null,
				limit(), (int) find("waiting").gauges().stream().mapToDouble(Gauge::value).sum(), totals,
				(summary != null) ? summary.attempts() : Map.of(), lastFailure(summary));
	}

	/**
	 * Return the longest that a transfer took lately.
	 */
	double maxMillis() {
		return find("duration").timers()
			.stream()
			.mapToDouble((timer) -> timer.max(TimeUnit.MILLISECONDS))
			.max()
			.orElse(0);
	}

	private @Nullable Double percentile(double percentile) {
		Timer timer = find("duration").tag("outcome", "committed").timer();
		if (timer != null) {
			for (ValueAtPercentile value : timer.takeSnapshot().percentileValues()) {
				if (value.percentile() == percentile && value.value() > 0) {
					return value.value(TimeUnit.MILLISECONDS);
				}
			}
		}
		return null;
	}

	/**
	 * The least limit, or none.
	 */
	private @Nullable Double limit() {
		double least = find("limit").gauges()
			.stream()
			.mapToDouble(Gauge::value)
			.filter((limit) -> !Double.isNaN(limit))
			.min()
			.orElse(Double.NaN);
		return Double.isNaN(least) ? null : least;
	}

	private static @Nullable String lastFailure(TransactionStatistics.@Nullable Summary summary) {
		TransactionStatistics.Failure failure = (summary != null) ? summary.lastFailure() : null;
		if (failure == null) {
			return null;
		}
		return (failure.sqlState() != null) ? failure.reason() + ", SQLSTATE " + failure.sqlState() : failure.reason();
	}

	private long ended(String outcome) {
		return find("duration").tag("outcome", outcome).timers().stream().mapToLong(Timer::count).sum();
	}

	private long found(String outcome) {
		return find("resolved").tag("outcome", outcome).timers().stream().mapToLong(Timer::count).sum();
	}

	private Search find(String meter) {
		return this.registry.find("crdb.transaction." + meter).tag("name", TRANSFER);
	}

}
