package io.github.crdbspring.metrics;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * Calls the observation of an attempt {@code crdb.transaction.attempt}, with
 * {@code name}, {@code outcome}, {@code sqlstate} and {@code reason} as keys of low
 * cardinality, and as ones of high {@code attempt}, its number, and
 * {@code transaction.id}, where its outcome can be found out.
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
		TransactionAttempt attempt = context.getAttempt();
		KeyValues keyValues = KeyValues.of("attempt", String.valueOf(attempt.number()));
		return (attempt.transactionId() != null) ? keyValues.and("transaction.id", attempt.transactionId().toString())
				: keyValues;
	}

}
