package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.error.UnusableTransactionManagerException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes an annotated method whose transactions cannot be retried, because there is no
 * transaction manager that could be used for it.
 */
final class UnusableTransactionManagerFailureAnalyzer
		extends AbstractFailureAnalyzer<UnusableTransactionManagerException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnusableTransactionManagerException cause) {
		return new FailureAnalysis(cause.getReason(), cause.getAction(), rootFailure);
	}

}
