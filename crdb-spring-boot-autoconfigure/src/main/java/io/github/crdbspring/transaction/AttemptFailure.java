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
		RETRY,

		/**
		 * Possibly committed.
		 */
		UNKNOWN,

		/**
		 * Committed; the failure came afterwards.
		 */
		COMMITTED,

		/**
		 * Certainly not committed, for lack of time.
		 */
		TIMED_OUT,

		/**
		 * Certainly not committed, and another attempt would not help.
		 */
		FINAL

	}

}
