package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.jdbc.InvalidClientKeyException;
import io.github.crdbspring.jdbc.InvalidTlsFileException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a file for TLS that is missing or of the wrong kind, which was found before
 * any connection was opened.
 */
final class InvalidTlsFileFailureAnalyzer extends AbstractFailureAnalyzer<InvalidTlsFileException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidTlsFileException cause) {
		String action = (cause instanceof InvalidClientKeyException)
				? ConnectionProblem.KEY_UNUSABLE.action("the database URL")
				: "Correct " + cause.getParameter() + " of the database URL, or put the file where it points to.";
		return new FailureAnalysis(cause.getMessage(), action, rootFailure);
	}

}
