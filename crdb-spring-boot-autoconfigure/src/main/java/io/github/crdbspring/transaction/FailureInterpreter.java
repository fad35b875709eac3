package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.function.Supplier;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommittedTransactionException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.transaction.AttemptFailure.Verdict;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * Says what the failure of an attempt means. Whether it was committed is asked of the
 * connection, and only where it certainly was not, the failure decides whether another
 * attempt may help.
 */
final class FailureInterpreter {

	private static final String SWALLOWED = "A SQL error was swallowed inside the transaction, which could only be "
			+ "rolled back";

	private final CrdbTransactionSettings settings;

	private final Supplier<SQLExceptionTranslator> translator;

	/**
	 * Create an interpreter.
	 * @param translator makes Spring's exceptions of SQL errors
	 */
	FailureInterpreter(CrdbTransactionSettings settings, Supplier<SQLExceptionTranslator> translator) {
		this.settings = settings;
		this.translator = translator;
	}

	/**
	 * Find the connection of a transaction before it is rolled back, since the
	 * transaction manager gives it back then. If the failure is that no connection could
	 * be had, none is asked for: that would only wait once more.
	 */
	void findConnection(BoundTransaction transaction, Throwable failure) {
		try {
			transaction.findOpenConnection();
			if (!FailureKind.isUnrelated(failure)) {
				transaction.findConnection();
			}
		}
		catch (RuntimeException ex) {
			if (ex != failure) {
				failure.addSuppressed(ex);
			}
		}
	}

	/**
	 * Interpret the failure of a transaction that has ended.
	 */
	AttemptFailure interpret(BoundTransaction transaction, Throwable failure) {
		return switch (transaction.end()) {
			case COMMITTED -> committed(transaction, failure);
			case UNKNOWN -> outcomeUnknown(transaction.attempt(), failure);
			case ELSEWHERE -> endedElsewhere(transaction, failure);
			case OPEN, ROLLED_BACK -> notCommitted(transaction, failure);
		};
	}

	private static AttemptFailure committed(BoundTransaction transaction, Throwable failure) {
		return new AttemptFailure(Verdict.COMMITTED, transaction.hasCommitReturned() ? failure
				: new CommittedTransactionException("Transaction '" + transaction.attempt().name()
						+ "' was committed, but what belongs to its commit failed afterwards: " + failure.getMessage(),
						failure));
	}

	private static AttemptFailure outcomeUnknown(TransactionAttempt attempt, Throwable failure) {
		if (attempt.options().readOnly()) {
			// Whether it was committed or not, there is nothing that differs
			return new AttemptFailure(Verdict.RETRY, FailureKind.of(failure), failure);
		}
		return new AttemptFailure(Verdict.UNKNOWN,
				new AmbiguousCommitException(
						"Transaction '" + attempt.name()
								+ "' may or may not have been committed: COMMIT was sent, but its outcome is unknown",
						failure, attempt.markedId()));
	}

	/**
	 * The transaction manager says that it has committed, and the connection has not seen
	 * it.
	 */
	AttemptFailure unseenCommit(BoundTransaction transaction, Object transactionManager) {
		return new AttemptFailure(Verdict.UNKNOWN,
				new AmbiguousCommitException("Transaction '" + transaction.attempt().name()
						+ "' may or may not have been committed: " + transactionManager
						+ " says so, but has not called commit() of the transaction's connection, which would know",
						null));
	}

	/**
	 * A statement of its own ended the transaction. Running it again would repeat what is
	 * committed. A failure that would otherwise be retried is wrapped, so that a retry of
	 * the caller's does not take it for a conflict either.
	 */
	private AttemptFailure endedElsewhere(BoundTransaction transaction, Throwable failure) {
		FailureKind kind = FailureKind.of(failure);
		if (transaction.committedBy() == null) {
			return new AttemptFailure(Verdict.FINAL, kind, asCallersSee(transaction, failure));
		}
		if (verdict(transaction, kind, failure) == Verdict.RETRY) {
			return new AttemptFailure(Verdict.PARTLY_COMMITTED, kind,
					new AmbiguousCommitException(explainPartlyCommitted(transaction), failure));
		}
		Throwable seen = asCallersSee(transaction, failure);
		seen.addSuppressed(new AmbiguousCommitException(explainPartlyCommitted(transaction), null));
		return new AttemptFailure(Verdict.PARTLY_COMMITTED, kind, seen);
	}

	/**
	 * A part of the transaction is committed, and the rest was rolled back without a
	 * failure.
	 */
	AttemptFailure partlyCommitted(BoundTransaction transaction) {
		return new AttemptFailure(Verdict.PARTLY_COMMITTED,
				new AmbiguousCommitException(explainPartlyCommitted(transaction), null));
	}

	private static String explainPartlyCommitted(BoundTransaction transaction) {
		return "Transaction '" + transaction.attempt().name() + "' was ended by a statement of its own, "
				+ transaction.committedBy() + ": what came before it is committed, what came after it is not. "
				+ "It is not run again";
	}

	private static Throwable asCallersSee(BoundTransaction transaction, Throwable failure) {
		CommitRefusedException refusal = transaction.refusal();
		return (refusal != null) ? new UnexpectedRollbackException(refusal.explanation()) : failure;
	}

	private AttemptFailure notCommitted(BoundTransaction transaction, Throwable failure) {
		CommitRefusedException refusal = transaction.refusal();
		if (refusal != null) {
			return refused(transaction, refusal);
		}
		if (failure instanceof UnexpectedRollbackException) {
			Throwable joined = transaction.joinedFailure();
			SQLException firstError = transaction.findFirstError();
			if (joined != null) {
				return joinedFailure(transaction, joined);
			}
			if (firstError != null) {
				return swallowedError(transaction, firstError);
			}
		}
		FailureKind kind = FailureKind.of(failure);
		Verdict verdict = verdict(transaction, kind, failure);
		FailedTransactionCommitException failed = FailedTransactionCommitException.findIn(failure);
		if (verdict == Verdict.FINAL && failed != null && transaction.isCommitReached()) {
			return new AttemptFailure(verdict, kind,
					new SilentRollbackException(SWALLOWED, (failed.getCause() != null) ? failed.getCause() : failed));
		}
		if (verdict == Verdict.RETRY && transaction.isUnguarded()) {
			return new AttemptFailure(Verdict.FINAL, kind,
					new IllegalTransactionStateException(transaction.explainUnguarded(), failure));
		}
		return new AttemptFailure(verdict, kind, failure);
	}

	/**
	 * The transaction did not let itself be committed.
	 */
	private AttemptFailure refused(BoundTransaction transaction, CommitRefusedException refusal) {
		SQLException firstError = transaction.findFirstError();
		Throwable joined = transaction.joinedFailure();
		return switch (refusal.reason()) {
			case EXPIRED ->
				new AttemptFailure(Verdict.TIMED_OUT, new TransactionTimedOutException(refusal.explanation()));
			case UNGUARDED ->
				new AttemptFailure(Verdict.FINAL, new IllegalTransactionStateException(refusal.explanation()));
			case JOINED_FAILURE -> joinedFailure(transaction, (joined != null) ? joined : refusal);
			case PARTLY_ROLLED_BACK -> (firstError != null) ? swallowedError(transaction, firstError)
					: new AttemptFailure(Verdict.FINAL, asCallersSee(transaction, refusal));
		};
	}

	/**
	 * A transaction that had joined this one failed, and its failure was swallowed on its
	 * way out.
	 */
	private AttemptFailure joinedFailure(BoundTransaction transaction, Throwable joined) {
		FailureKind kind = FailureKind.of(joined);
		Verdict verdict = verdict(transaction, kind, joined);
		return new AttemptFailure(verdict, kind,
				(verdict == Verdict.RETRY) ? joined : new UnexpectedRollbackException(
						"A part of the transaction failed, and its failure was swallowed; everything was rolled back",
						joined));
	}

	/**
	 * A statement failed, its error was swallowed, and nothing but a mark for rollback
	 * was left behind.
	 */
	private AttemptFailure swallowedError(BoundTransaction transaction, SQLException error) {
		DataAccessException translated = this.translator.get().translate("transaction", null, error);
		Throwable cause = (translated != null) ? translated : error;
		FailureKind kind = FailureKind.of(cause);
		Verdict verdict = verdict(transaction, kind, cause);
		return new AttemptFailure(verdict, kind,
				(verdict == Verdict.RETRY) ? cause : new SilentRollbackException(SWALLOWED, cause));
	}

	private Verdict verdict(BoundTransaction transaction, FailureKind kind, Throwable failure) {
		boolean expired = transaction.attempt().isExpired();
		return switch (kind) {
			case SERIALIZATION_FAILURE, STALE_STATEMENT -> Verdict.RETRY;
			case CONNECTION_LOST, CONNECTION_LIMIT_EXCEEDED -> retryIf(hidesRetryableError(transaction));
			case RANGE_UNREACHABLE -> retryIf(this.settings.retryConnectionErrors());
			case OPTIMISTIC_LOCK -> retryIf(this.settings.retryOptimisticLocking());
			case QUERY_CANCELED -> expired ? Verdict.TIMED_OUT : Verdict.FINAL;
			case OTHER -> (failure instanceof TransactionTimedOutException && expired) ? Verdict.TIMED_OUT
					: retryIf(!FailureKind.isUnrelated(failure) && !(failure instanceof VirtualMachineError)
							&& hidesRetryableError(transaction));
		};
	}

	/**
	 * Whether the failure was thrown in place of one that is retried: the transaction's
	 * own connection was lost, not another one, it was in conflict, or one of its
	 * prepared statements was stale.
	 */
	private boolean hidesRetryableError(BoundTransaction transaction) {
		SQLException firstError = transaction.findFirstError();
		FailureKind first = (firstError != null) ? FailureKind.of(firstError) : FailureKind.OTHER;
		return switch (first) {
			case SERIALIZATION_FAILURE, STALE_STATEMENT -> true;
			case CONNECTION_LIMIT_EXCEEDED -> false;
			default -> transaction.isConnectionLost() && retriesConnectionErrors(transaction.attempt());
		};
	}

	/**
	 * One that may be repeated after an unknown outcome may be all the more when the
	 * outcome was found out.
	 */
	private boolean retriesConnectionErrors(TransactionAttempt attempt) {
		return this.settings.retryConnectionErrors()
				|| (attempt.options().idempotent() && attempt.resolution() != null);
	}

	private static Verdict retryIf(boolean retry) {
		return retry ? Verdict.RETRY : Verdict.FINAL;
	}

}
