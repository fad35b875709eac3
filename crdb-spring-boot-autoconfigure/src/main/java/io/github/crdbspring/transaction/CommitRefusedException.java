package io.github.crdbspring.transaction;

/**
 * COMMIT was not sent, for a reason that only the transaction itself knows. Whoever runs
 * the transaction rolls it back, as after any exception that is not about COMMIT. Never
 * reaches the caller.
 */
@SuppressWarnings("serial")
final class CommitRefusedException extends RuntimeException {

	private final String reason;

	CommitRefusedException(String reason) {
		super(reason);
		this.reason = reason;
	}

	String reason() {
		return this.reason;
	}

}
