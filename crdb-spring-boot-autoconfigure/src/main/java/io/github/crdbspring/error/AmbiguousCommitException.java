package io.github.crdbspring.error;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionException;

/**
 * The outcome of the transaction is unknown: the connection was lost while COMMIT was in
 * flight, or the server answered COMMIT with an error that does not say for certain that
 * nothing was committed, such as 40003. The transaction may or may not have been
 * committed; whoever catches this has to find out, or has to run something that is
 * harmless when it is done twice.
 * <p>
 * Also if a statement of its own has ended the transaction and it failed afterwards: what
 * came before that statement is committed, what came after it is not. Then it is never
 * run again.
 * <p>
 * Otherwise a transaction whose outcome is unknown is run again only if it was declared
 * idempotent, or if it is read-only. With {@code OutcomePolicy.RESOLVE} the outcome is
 * found out first, and this exception means that the database could not be asked in time.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/common-errors#result-is-ambiguous">CockroachDB:
 * result is ambiguous</a>
 */
@SuppressWarnings("serial")
public class AmbiguousCommitException extends TransactionException implements CompletedTransactionFailure {

	private final @Nullable UUID transactionId;

	/**
	 * Create a new exception for a transaction without an id.
	 * @param msg what is unknown
	 * @param cause the failure during COMMIT, {@code null} if there is none
	 */
	public AmbiguousCommitException(String msg, @Nullable Throwable cause) {
		this(msg, cause, null);
	}

	/**
	 * Create a new exception.
	 * @param msg what is unknown
	 * @param cause the failure during COMMIT, {@code null} if there is none
	 * @param transactionId the id by which the outcome may be found out later,
	 * {@code null} if there is none
	 */
	@SuppressWarnings("NullAway") // Spring's constructor takes null, but does not say so
	public AmbiguousCommitException(String msg, @Nullable Throwable cause, @Nullable UUID transactionId) {
		super(msg, cause);
		this.transactionId = transactionId;
	}

	/**
	 * Return the id of the transaction, by which its outcome may be found out later with
	 * {@code TransactionOutcomes.resolve}.
	 * @return the id, {@code null} unless the transaction was to be found out (see
	 * {@code OutcomePolicy.RESOLVE})
	 */
	public @Nullable UUID getTransactionId() {
		return this.transactionId;
	}

}
