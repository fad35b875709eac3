package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.error.CockroachRequiredException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a server that is not CockroachDB, although it has to be.
 */
final class CockroachRequiredFailureAnalyzer extends AbstractFailureAnalyzer<CockroachRequiredException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, CockroachRequiredException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()),
				"Point the database URL to CockroachDB, or set crdb.require-cockroachdb=false for an environment that "
						+ "runs on PostgreSQL on purpose.",
				rootFailure);
	}

}
