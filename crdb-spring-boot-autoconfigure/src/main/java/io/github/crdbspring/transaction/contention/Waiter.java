package io.github.crdbspring.transaction.contention;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.Condition;

import org.jspecify.annotations.Nullable;

/**
 * A caller that waits for its attempt to be admitted. Guarded by the lock that its
 * condition belongs to.
 */
final class Waiter {

	/**
	 * By the age of the call; the times may have overflown.
	 */
	static final Comparator<Waiter> BY_AGE = (first, second) -> {
		int order = Long.signum(first.callStarted - second.callStarted);
		return (order != 0) ? order : Long.compare(first.arrival, second.arrival);
	};

	/**
	 * How many younger calls may take a key while the others of this one are not free. It
	 * is what lets calls without a key in common run side by side; more of it does not
	 * add to that, but to the longest waits.
	 */
	private static final int MAX_OVERTAKEN = 4;

	private final CallKeys keys;

	private final long callStarted;

	private final long arrival;

	private final long since;

	private final long patience;

	private final Condition admitted;

	private final List<KeyLimit> limits;

	private int overtaken;

	private @Nullable Ticket ticket;

	private Runnable whenWoken = () -> {
	};

	/**
	 * Create a waiter.
	 * @param keys its call's keys
	 * @param limits the limits that it has to do with
	 * @param callStarted when its call began
	 * @param arrival its number, for calls that began at the same time
	 * @param since when it began to wait
	 * @param patience after how many nanoseconds nobody is to overtake it any more
	 * @param admitted what it waits for
	 */
	Waiter(CallKeys keys, List<KeyLimit> limits, long callStarted, long arrival, long since, long patience,
			Condition admitted) {
		this.keys = keys;
		this.limits = new ArrayList<>(limits);
		this.callStarted = callStarted;
		this.arrival = arrival;
		this.since = since;
		this.patience = patience;
		this.admitted = admitted;
	}

	CallKeys keys() {
		return this.keys;
	}

	List<KeyLimit> limits() {
		return this.limits;
	}

	long since() {
		return this.since;
	}

	@Nullable Ticket ticket() {
		return this.ticket;
	}

	void admit(Ticket ticket) {
		this.ticket = ticket;
		signal();
	}

	/**
	 * Have it look again what it waits for.
	 */
	void signal() {
		this.admitted.signal();
		this.whenWoken.run();
	}

	/**
	 * Have somebody told who does not wait in a thread.
	 */
	void whenWoken(Runnable action) {
		this.whenWoken = action;
	}

	void await(long nanos) throws InterruptedException {
		this.admitted.awaitNanos(nanos);
	}

	/**
	 * A younger call was admitted with one of its keys.
	 */
	void overtaken() {
		this.overtaken++;
	}

	/**
	 * Whether nobody is to overtake it any more.
	 */
	boolean isOverdue(long now) {
		return this.overtaken >= MAX_OVERTAKEN || now - this.since >= this.patience;
	}

}
