package io.github.crdbspring.error;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * The connection failed, or the server answered 40003, while COMMIT was in flight: the
 * transaction may or may not have been committed. It has no SQLSTATE of its own, so that
 * Spring reports an unknown status instead of a rollback; the cause is the original
 * error.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class CommitOutcomeUnknownException extends SQLException implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param reason what happened
	 * @param cause the original error
	 */
	public CommitOutcomeUnknownException(String reason, Throwable cause) {
		super(reason, null, cause);
	}

	/**
	 * Find this exception in another one's causes.
	 * @param failure the exception to search
	 * @return the exception, {@code null} if there is none
	 */
	public static @Nullable CommitOutcomeUnknownException findIn(Throwable failure) {
		return Causes.find(failure, CommitOutcomeUnknownException.class);
	}

}
