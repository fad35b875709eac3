package io.github.crdbspring.metrics;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names a transaction for whoever observes it. A bean of this type replaces
 * {@link DefaultCrdbTransactionObservationConvention}.
 *
 * @since 0.1.0
 */
public interface CrdbTransactionObservationConvention extends ObservationConvention<CrdbTransactionObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof CrdbTransactionObservationContext;
	}

}
