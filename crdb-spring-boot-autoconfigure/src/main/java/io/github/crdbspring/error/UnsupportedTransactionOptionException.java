package io.github.crdbspring.error;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A transaction was asked for with an option that the server does not have, such as a
 * system time on PostgreSQL. No SQL was sent.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class UnsupportedTransactionOptionException extends InvalidDataAccessApiUsageException
		implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param msg the option, the server, and what to do
	 */
	public UnsupportedTransactionOptionException(String msg) {
		super(msg);
	}

}
