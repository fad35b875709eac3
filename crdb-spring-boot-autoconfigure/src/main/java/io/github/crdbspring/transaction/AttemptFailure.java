package io.github.crdbspring.transaction;

import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.transaction.contention.AttemptEnd;

/**
 * A failed attempt: the failure as the caller would see it, and what it means. Never
 * leaves this package.
 */
@SuppressWarnings("serial")
final class AttemptFailure extends Exception {

	private final Verdict verdict;

	private final FailureKind kind;

	private final Throwable failure;

	/**
	 * Create a failure that is not classified, since it does not lead to another attempt.
	 */
	AttemptFailure(Verdict verdict, Throwable failure) {
		this(verdict, FailureKind.OTHER, failure);
	}

	AttemptFailure(Verdict verdict, FailureKind kind, Throwable failure) {
		super(null, failure, false, false);
		this.verdict = verdict;
		this.kind = kind;
		this.failure = failure;
	}

	Verdict verdict() {
		return this.verdict;
	}

	Throwable failure() {
		return this.failure;
	}

	/**
	 * What this tells about contention.
	 */
	AttemptEnd end() {
		if (this.verdict == Verdict.COMMITTED) {
			return AttemptEnd.COMMIT;
		}
		return isConflict() ? AttemptEnd.CONFLICT : AttemptEnd.OTHER;
	}

	/**
	 * Whether an attempt failed because of another one: a connection that was lost is
	 * retried too, but says nothing about how many there should be.
	 */
	boolean isConflict() {
		return this.verdict == Verdict.RETRY
				&& (this.kind == FailureKind.SERIALIZATION_FAILURE || this.kind == FailureKind.OPTIMISTIC_LOCK);
	}

	/**
	 * What a failure means.
	 */
	enum Verdict {

		/**
		 * Certainly not committed, and another attempt may succeed.
		 */
		RETRY(TransactionOutcome.ROLLED_BACK),

		/**
		 * Possibly committed.
		 */
		UNKNOWN(TransactionOutcome.AMBIGUOUS),

		/**
		 * Committed; the failure came afterwards.
		 */
		COMMITTED(TransactionOutcome.COMMITTED),

		/**
		 * A statement of its own ended the transaction, and what came before that is
		 * committed, so that it cannot be run again.
		 */
		PARTLY_COMMITTED(TransactionOutcome.AMBIGUOUS),

		/**
		 * Certainly not committed, for lack of time.
		 */
		TIMED_OUT(TransactionOutcome.ROLLED_BACK),

		/**
		 * Certainly not committed, and another attempt would not help.
		 */
		FINAL(TransactionOutcome.ROLLED_BACK),

		/**
		 * Not begun, and another attempt would not help.
		 */
		REJECTED(TransactionOutcome.REJECTED);

		private final TransactionOutcome outcome;

		Verdict(TransactionOutcome outcome) {
			this.outcome = outcome;
		}

		/**
		 * How the attempt's transaction ended.
		 */
		TransactionOutcome outcome() {
			return this.outcome;
		}

	}

}
