package io.github.crdbspring.metrics;

import java.util.Locale;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * How things are written in tags, where nothing may be missing.
 */
final class TagValues {

	private static final String NONE = "none";

	private TagValues() {
	}

	static String outcome(@Nullable TransactionOutcome outcome) {
		return (outcome != null) ? outcome.name().toLowerCase(Locale.ROOT) : NONE;
	}

	static String sqlState(@Nullable FailureReason reason) {
		return (reason != null && reason.sqlState() != null) ? reason.sqlState() : NONE;
	}

	static String reason(@Nullable FailureReason reason) {
		return (reason != null) ? reason.reason() : NONE;
	}

}
