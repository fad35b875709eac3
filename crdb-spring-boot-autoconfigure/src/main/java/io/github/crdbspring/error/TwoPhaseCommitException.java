package io.github.crdbspring.error;

import java.io.Serial;

/**
 * Thrown if two-phase commit is configured for a CockroachDB. Infrastructure of this
 * library, no API for applications.
 *
 * @since 0.1.0
 */
public final class TwoPhaseCommitException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	/**
	 * Create a new exception.
	 * @param server says which server it is
	 */
	public TwoPhaseCommitException(String server) {
		super("An XADataSource is configured for " + server + ", which does not support two-phase commit.");
	}

}
