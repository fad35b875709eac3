package io.github.crdbspring.transaction;

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
