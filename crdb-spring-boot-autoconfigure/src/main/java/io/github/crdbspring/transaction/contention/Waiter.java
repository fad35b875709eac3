package io.github.crdbspring.transaction.contention;

import java.util.Comparator;
import java.util.concurrent.locks.Condition;

/**
 * A caller that waits for its attempt to be admitted. Its fields are guarded by the lock
 * that its condition belongs to.
 */
final class Waiter {

	/**
	 * By the age of the call; the times may have overflown.
	 */
	static final Comparator<Waiter> BY_AGE = (first, second) -> {
		int order = Long.signum(first.callStarted - second.callStarted);
		return (order != 0) ? order : Long.compare(first.arrival, second.arrival);
	};

	private final long callStarted;

	private final long arrival;

	final long since;

	final Condition admitted;

	long ticket = Admission.NO_ROOM;

	Waiter(long callStarted, long arrival, long since, Condition admitted) {
		this.callStarted = callStarted;
		this.arrival = arrival;
		this.since = since;
		this.admitted = admitted;
	}

}
