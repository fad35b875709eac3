package io.github.crdbspring.transaction;

import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.transaction.AttemptFailure.Verdict;

/**
 * What the end of an attempt tells about contention.
 */
enum AttemptEnd {

	/**
	 * It was committed.
	 */
	COMMIT,

	/**
	 * It was in conflict with another one.
	 */
	CONFLICT,

	/**
	 * Nothing.
	 */
	OTHER;

	static AttemptEnd of(AttemptFailure failure) {
		if (failure.verdict() == Verdict.COMMITTED) {
			return COMMIT;
		}
		return isConflict(failure) ? CONFLICT : OTHER;
	}

	/**
	 * Whether an attempt failed because of another one: a connection that was lost is
	 * retried too, but says nothing about how many there should be.
	 */
	static boolean isConflict(AttemptFailure failure) {
		if (failure.verdict() != Verdict.RETRY) {
			return false;
		}
		FailureKind kind = FailureKind.of(failure.failure());
		return kind == FailureKind.SERIALIZATION_FAILURE || kind == FailureKind.OPTIMISTIC_LOCK;
	}

}
