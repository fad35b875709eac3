package io.github.crdbspring.metrics;

import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * Calls the observation of a transaction {@code crdb.transaction}, with {@code name} and
 * {@code outcome} as keys of low cardinality, and {@code attempts} as one of high.
 *
 * @since 0.1.0
 */
public class DefaultCrdbTransactionObservationConvention implements CrdbTransactionObservationConvention {

	@Override
	public String getName() {
		return "crdb.transaction";
	}

	@Override
	public @Nullable String getContextualName(CrdbTransactionObservationContext context) {
		return "transaction " + context.getTransactionName();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(CrdbTransactionObservationContext context) {
		return KeyValues.of("name", context.getTransactionName(), "outcome", TagValues.outcome(context.getOutcome()));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(CrdbTransactionObservationContext context) {
		return KeyValues.of("attempts", String.valueOf(context.getAttempts()));
	}

}
