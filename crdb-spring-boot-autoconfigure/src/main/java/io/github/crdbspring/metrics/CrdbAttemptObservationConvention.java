package io.github.crdbspring.metrics;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names an attempt of a transaction for whoever observes it. A bean of this type replaces
 * {@link DefaultCrdbAttemptObservationConvention}.
 *
 * @since 0.1.0
 */
public interface CrdbAttemptObservationConvention extends ObservationConvention<CrdbAttemptObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof CrdbAttemptObservationContext;
	}

}
