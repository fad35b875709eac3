package io.github.crdbspring.transaction;

/**
 * COMMIT was not sent, for a reason that only the transaction itself knows. Whoever runs
 * the transaction rolls it back, as after any exception that is not about COMMIT. Never
 * reaches the caller.
 */
@SuppressWarnings("serial")
final class CommitRefusedException extends RuntimeException {

	private final Reason reason;

	private final String explanation;

	CommitRefusedException(Reason reason, String explanation) {
		super(explanation);
		this.reason = reason;
		this.explanation = explanation;
	}

	Reason reason() {
		return this.reason;
	}

	String explanation() {
		return this.explanation;
	}

	/**
	 * Why a transaction must not be committed.
	 */
	enum Reason {

		/**
		 * Its timeout has passed.
		 */
		EXPIRED,

		/**
		 * A transaction that joined it has failed.
		 */
		JOINED_FAILURE,

		/**
		 * A statement of its own has rolled back a part of it.
		 */
		PARTLY_ROLLED_BACK,

		/**
		 * Nobody would know how it ended.
		 */
		UNGUARDED

	}

}
