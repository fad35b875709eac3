package io.github.crdbspring.error;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

/**
 * A connection ended because something that was sent or waited for on it exceeded a limit
 * that was set for it: the client's socket timeout, the size that the server takes for a
 * message, or how long a transaction may be idle. No loss that another connection would
 * be spared, so a transaction is not run again for it. The message names the setting.
 * <p>
 * Outside of a transaction of this library's it says no more than the cause, whose
 * SQLSTATE it has, does about what the server has done: it may have run the statement.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class ConnectionLimitExceededException extends SQLNonTransientConnectionException {

	/**
	 * Create a new exception.
	 * @param message says which limit, and what sets it
	 * @param cause the driver's exception
	 */
	public ConnectionLimitExceededException(String message, SQLException cause) {
		super(message, cause.getSQLState(), cause);
	}

}
