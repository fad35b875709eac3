package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.error.InvalidTransactionalMethodException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.util.StringUtils;

/**
 * Analyzes an annotated method that cannot run in a transaction, or cannot be run again.
 */
final class InvalidTransactionalMethodFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidTransactionalMethodException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidTransactionalMethodException cause) {
		return new FailureAnalysis(cause.getReason() + ".", StringUtils.capitalize(cause.getAction()) + ".",
				rootFailure);
	}

}
