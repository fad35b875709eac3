package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.url.InvalidClientKeyException;
import io.github.crdbspring.url.InvalidTlsFileException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a file for TLS that is missing or of the wrong kind, which was found before
 * any connection was opened.
 */
final class InvalidTlsFileFailureAnalyzer extends AbstractFailureAnalyzer<InvalidTlsFileException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidTlsFileException cause) {
		String form = (cause instanceof InvalidClientKeyException)
				? " The driver reads private keys in PKCS#8 and PKCS#12 form." : "";
		String action = "Correct " + cause.getParameter() + " of the database URL, or the file that it names." + form;
		return new FailureAnalysis(cause.getMessage(), action, rootFailure);
	}

}
