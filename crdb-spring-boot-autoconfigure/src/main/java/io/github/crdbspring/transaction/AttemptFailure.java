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

	private final Throwable failure;

	AttemptFailure(Verdict verdict, Throwable failure) {
		super(null, failure, false, false);
		this.verdict = verdict;
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
		if (this.verdict != Verdict.RETRY) {
			return false;
		}
		FailureKind kind = FailureKind.of(this.failure);
		return kind == FailureKind.SERIALIZATION_FAILURE || kind == FailureKind.OPTIMISTIC_LOCK;
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
