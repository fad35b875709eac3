package io.github.crdbspring.error;

import java.io.Serial;
import java.sql.SQLNonTransientConnectionException;

/**
 * Thrown for a connection to a server that is not CockroachDB, where
 * {@code crdb.require-cockroachdb} demands CockroachDB.
 *
 * @since 0.1.0
 */
public class CockroachRequiredException extends SQLNonTransientConnectionException {

	@Serial
	private static final long serialVersionUID = 1L;

	/**
	 * Create a new exception.
	 * @param message says which server it is instead
	 */
	public CockroachRequiredException(String message) {
		super(message, SqlState.CONNECTION_REJECTED);
	}

}
