package io.github.crdbspring.transaction;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.transaction.AttemptFailure.Verdict;

import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * Says what a failure means for the outcome of an attempt.
 */
final class FailureInterpreter {

	private final boolean retryConnectionErrors;

	private final boolean retryOptimisticLocking;

	FailureInterpreter(boolean retryConnectionErrors, boolean retryOptimisticLocking) {
		this.retryConnectionErrors = retryConnectionErrors;
		this.retryOptimisticLocking = retryOptimisticLocking;
	}

	/**
	 * A failure before COMMIT.
	 */
	AttemptFailure beforeCommit(TransactionAttempt attempt, Throwable failure) {
		return new AttemptFailure(verdict(attempt, failure), failure);
	}

	/**
	 * A transaction that had joined this one failed, and its failure was swallowed on its
	 * way out.
	 */
	AttemptFailure joinedFailure(TransactionAttempt attempt, Throwable failure) {
		Verdict verdict = verdict(attempt, failure);
		return new AttemptFailure(verdict,
				(verdict == Verdict.RETRY) ? failure : new UnexpectedRollbackException(
						"A part of the transaction failed, and its failure was swallowed; everything was rolled back",
						failure));
	}

	/**
	 * A statement failed, and its error was swallowed.
	 */
	AttemptFailure swallowedError(TransactionAttempt attempt, Throwable error) {
		Verdict verdict = verdict(attempt, error);
		return new AttemptFailure(verdict, (verdict == Verdict.RETRY) ? error : silentRollback(error));
	}

	/**
	 * A failure that the transaction manager's commit ended in.
	 */
	AttemptFailure atCommit(BoundTransaction transaction, Throwable ex) {
		TransactionAttempt attempt = transaction.attempt();
		if (transaction.isCommitted()) {
			return new AttemptFailure(Verdict.COMMITTED, ex);
		}
		if (transaction.isCommitReached() && CommitOutcomeUnknownException.findIn(ex) != null) {
			return outcomeUnknown(attempt, ex);
		}
		Verdict verdict = verdict(attempt, ex);
		FailedTransactionCommitException failed = FailedTransactionCommitException.findIn(ex);
		if (verdict == Verdict.FINAL && failed != null) {
			return new AttemptFailure(verdict,
					new SilentRollbackException(
							"A SQL error was swallowed inside the transaction, which could only be rolled back",
							(failed.getCause() != null) ? failed.getCause() : failed));
		}
		return new AttemptFailure(verdict, ex);
	}

	private static SilentRollbackException silentRollback(Throwable error) {
		return new SilentRollbackException(
				"A SQL error was swallowed inside the transaction, which could only be rolled back", error);
	}

	private static AttemptFailure outcomeUnknown(TransactionAttempt attempt, Throwable ex) {
		if (attempt.options().readOnly()) {
			// Whether it was committed or not, there is nothing that differs
			return new AttemptFailure(Verdict.RETRY, ex);
		}
		return new AttemptFailure(Verdict.UNKNOWN,
				new AmbiguousCommitException(
						"Transaction '" + attempt.name()
								+ "' may or may not have been committed: COMMIT was sent, but its outcome is unknown",
						ex));
	}

	private Verdict verdict(TransactionAttempt attempt, Throwable failure) {
		return switch (FailureKind.of(failure)) {
			case SERIALIZATION_FAILURE -> Verdict.RETRY;
			case CONNECTION_LOST -> this.retryConnectionErrors ? Verdict.RETRY : Verdict.FINAL;
			case OPTIMISTIC_LOCK -> this.retryOptimisticLocking ? Verdict.RETRY : Verdict.FINAL;
			case QUERY_CANCELED -> attempt.isExpired() ? Verdict.TIMED_OUT : Verdict.FINAL;
			case OTHER -> (failure instanceof TransactionTimedOutException && attempt.isExpired()) ? Verdict.TIMED_OUT
					: Verdict.FINAL;
		};
	}

}
