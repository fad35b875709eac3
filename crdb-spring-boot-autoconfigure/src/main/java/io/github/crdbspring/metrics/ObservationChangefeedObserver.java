package io.github.crdbspring.metrics;

import io.github.crdbspring.changefeed.ChangefeedObserver;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/**
 * Makes an observation {@code crdb.changefeed.process} of each call of a changefeed
 * listener, with the retries of its transaction. What the listener does is within its
 * scope. Thread-safe.
 *
 * @since 0.1.0
 */
public final class ObservationChangefeedObserver implements ChangefeedObserver {

	private final ObservationRegistry registry;

	/**
	 * Create a new observer.
	 * @param registry handles the observations
	 */
	public ObservationChangefeedObserver(ObservationRegistry registry) {
		this.registry = registry;
	}

	@Override
	public Processing processing(String listener, int rows) {
		Observation observation = Observation.createNotStarted("crdb.changefeed.process", this.registry)
			.contextualName("changefeed " + listener)
			.lowCardinalityKeyValue("listener", listener)
			.highCardinalityKeyValue("rows", String.valueOf(rows))
			.start();
		Observation.Scope scope = observation.openScope();
		return (failure) -> {
			scope.close();
			if (failure != null) {
				observation.error(failure);
			}
			observation.stop();
		};
	}

}
