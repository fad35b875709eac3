package io.github.crdbspring.error;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionException;

/**
 * The outcome of the transaction is unknown: the connection failed, or the server
 * answered 40003, while COMMIT was in flight. The transaction may or may not have been
 * committed; whoever catches this has to find out, or has to run something that is
 * harmless when it is done twice.
 * <p>
 * A transaction in this state is run again only if it was declared idempotent, or if it
 * is read-only.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/common-errors#result-is-ambiguous">CockroachDB:
 * result is ambiguous</a>
 */
@SuppressWarnings("serial")
public class AmbiguousCommitException extends TransactionException implements CompletedTransactionFailure {

	/**
	 * Create a new exception.
	 * @param msg what is unknown
	 * @param cause the failure during COMMIT, {@code null} if there is none
	 */
	@SuppressWarnings("NullAway") // Spring's constructor takes null, but does not say so
	public AmbiguousCommitException(String msg, @Nullable Throwable cause) {
		super(msg, cause);
	}

}
