package io.github.crdbspring.changefeed.source;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A changefeed cannot be had as long as nobody changes something: the server is
 * PostgreSQL, or a table of this library's is missing. The message says what to do.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class ChangefeedRefusedException extends InvalidDataAccessApiUsageException {

	/**
	 * Create a new exception.
	 * @param msg what is refused, why, and what to do
	 */
	public ChangefeedRefusedException(String msg) {
		super(msg);
	}

}
