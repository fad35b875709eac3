package io.github.crdbspring.metrics;

import io.github.crdbspring.error.FailureReason;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * Calls the observation of an attempt {@code crdb.transaction.attempt}, with
 * {@code name}, {@code outcome}, {@code sqlstate} and {@code reason} as keys of low
 * cardinality, and {@code attempt}, its number, as one of high.
 *
 * @since 0.1.0
 */
public class DefaultCrdbAttemptObservationConvention implements CrdbAttemptObservationConvention {

	@Override
	public String getName() {
		return "crdb.transaction.attempt";
	}

	@Override
	public @Nullable String getContextualName(CrdbAttemptObservationContext context) {
		return "attempt";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(CrdbAttemptObservationContext context) {
		Throwable failure = context.getError();
		FailureReason reason = (failure != null) ? FailureReason.of(failure) : null;
		return KeyValues.of("name", context.getTransactionName(), "outcome", TagValues.outcome(context.getOutcome()),
				"sqlstate", TagValues.sqlState(reason), "reason", TagValues.reason(reason));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(CrdbAttemptObservationContext context) {
		return KeyValues.of("attempt", String.valueOf(context.getAttempt().number()));
	}

}
