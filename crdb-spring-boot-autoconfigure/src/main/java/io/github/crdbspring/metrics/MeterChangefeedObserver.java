package io.github.crdbspring.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.github.crdbspring.changefeed.ChangefeedObserver;
import io.github.crdbspring.changefeed.ChangefeedState;
import io.github.crdbspring.changefeed.ChangefeedStatus;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;

/**
 * Records listeners of changefeeds in meters, all with the tag {@code listener}:
 * {@code crdb.changefeed.events}, {@code .duplicates}, {@code .restarts} by reason,
 * {@code .listener} by outcome and {@code .delivery} as timers, and as gauges
 * {@code .lag}, {@code .state} by state, {@code .buffer.rows} and {@code .buffer.bytes}.
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class MeterChangefeedObserver implements ChangefeedObserver {

	private final MeterRegistry registry;

	/**
	 * Create a new observer.
	 * @param registry holds the meters
	 */
	public MeterChangefeedObserver(MeterRegistry registry) {
		this.registry = registry;
	}

	@Override
	public void registered(CrdbChangefeedContainer container) {
		String listener = container.getId();
		for (ChangefeedState state : ChangefeedState.values()) {
			Gauge.builder("crdb.changefeed.state", container, (it) -> (it.getStatus().state() == state) ? 1 : 0)
				.description("1 for the state that the listener is in, 0 for the others")
				.tags("listener", listener, "state", state.name().toLowerCase(Locale.ROOT))
				.register(this.registry);
		}
		TimeGauge.builder("crdb.changefeed.lag", container, TimeUnit.MILLISECONDS, MeterChangefeedObserver::lag)
			.description("Age of the time up to which all changes were delivered; not a number if it is not known")
			.tags("listener", listener)
			.register(this.registry);
		gauge(container, "crdb.changefeed.buffer.rows", "Rows that wait to be delivered", "rows",
				ChangefeedStatus::bufferedRows);
		gauge(container, "crdb.changefeed.buffer.bytes", "Size of the rows that wait to be delivered", "bytes",
				ChangefeedStatus::bufferedBytes);
		// An alert on the first one needs the zero before
		events(listener);
		duplicates(listener);
	}

	private void gauge(CrdbChangefeedContainer container, String name, String description, String unit,
			ToDoubleFunction<ChangefeedStatus> value) {
		Gauge.builder(name, container, (it) -> value.applyAsDouble(it.getStatus()))
			.description(description)
			.baseUnit(unit)
			.tags("listener", container.getId())
			.register(this.registry);
	}

	private static double lag(CrdbChangefeedContainer container) {
		Duration lag = container.getStatus().lag();
		return (lag != null) ? lag.toMillis() : Double.NaN;
	}

	@Override
	public Processing processing(String listener, int rows) {
		Timer.Sample sample = Timer.start(this.registry);
		return (failure) -> sample.stop(Timer.builder("crdb.changefeed.listener")
			.description("Calls of the listener, with the retries of their transaction")
			.tags("listener", listener, "outcome", (failure != null) ? "failure" : "success")
			.register(this.registry));
	}

	@Override
	public void delivered(String listener, int rows, Duration lag) {
		events(listener).increment(rows);
		Timer.builder("crdb.changefeed.delivery")
			.description("Time from the commit of a change to the end of its delivery")
			.tags("listener", listener)
			.register(this.registry)
			.record(lag.isNegative() ? Duration.ZERO : lag);
	}

	@Override
	public void duplicate(String listener) {
		duplicates(listener).increment();
	}

	@Override
	public void restarted(String listener, String reason) {
		Counter.builder("crdb.changefeed.restarts")
			.description("Feeds that were opened again")
			.baseUnit("restarts")
			.tags("listener", listener, "reason", reason)
			.register(this.registry)
			.increment();
	}

	private Counter events(String listener) {
		return counter("crdb.changefeed.events", "Rows that were delivered", listener);
	}

	private Counter duplicates(String listener) {
		return counter("crdb.changefeed.duplicates",
				"Rows that were dropped because they had been delivered, or had not changed", listener);
	}

	private Counter counter(String name, String description, String listener) {
		return Counter.builder(name)
			.description(description)
			.baseUnit("rows")
			.tags("listener", listener)
			.register(this.registry);
	}

}
