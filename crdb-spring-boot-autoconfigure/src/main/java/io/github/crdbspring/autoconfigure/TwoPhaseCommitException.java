package io.github.crdbspring.autoconfigure;

/**
 * Thrown if two-phase commit is configured for a CockroachDB.
 */
final class TwoPhaseCommitException extends IllegalStateException {

	TwoPhaseCommitException(String server) {
		super("An XADataSource is configured for " + server + ", which does not support two-phase commit.");
	}

}
