package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.error.MissingOutcomeTableException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a missing table for the outcomes of transactions.
 */
final class MissingOutcomeTableFailureAnalyzer extends AbstractFailureAnalyzer<MissingOutcomeTableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, MissingOutcomeTableException cause) {
		return new FailureAnalysis(cause.getReason(), cause.getAction(), rootFailure);
	}

}
