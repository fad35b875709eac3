package io.github.crdbspring.error;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * COMMIT was asked for in a transaction that had already failed on the server, which
 * would have answered with a silent rollback. The transaction was rolled back; the cause
 * is its first error, and the SQLSTATE is that error's, so that Spring translates this
 * exception as it would have translated the error itself.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class FailedTransactionCommitException extends SQLException {

	/**
	 * Create a new exception.
	 * @param reason what happened
	 * @param sqlState the SQLSTATE of the first error, may be {@code null}
	 * @param cause the first error, or what is known of it
	 */
	public FailedTransactionCommitException(String reason, @Nullable String sqlState, @Nullable Throwable cause) {
		super(reason, sqlState, cause);
	}

	/**
	 * Find this exception in another one's causes.
	 * @param failure the exception to search
	 * @return the exception, {@code null} if there is none
	 */
	public static @Nullable FailedTransactionCommitException findIn(Throwable failure) {
		return Causes.find(failure, FailedTransactionCommitException.class);
	}

}
