package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.error.TwoPhaseCommitException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes two-phase commit on a server that does not have it.
 */
final class TwoPhaseCommitFailureAnalyzer extends AbstractFailureAnalyzer<TwoPhaseCommitException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, TwoPhaseCommitException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"""
						Use an ordinary DataSource for CockroachDB: remove the XADataSource, or the JTA transaction manager whose \
						starter makes one. To keep CockroachDB in step with another system, write the message for that system \
						into a table in the same transaction, and send it afterwards (transactional outbox).""",
				rootFailure);
	}

}
