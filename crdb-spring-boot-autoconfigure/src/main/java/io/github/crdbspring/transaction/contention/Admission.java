package io.github.crdbspring.transaction.contention;

import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Admits the attempts of one transaction. While no limit is in force, that costs one
 * uncontended atomic operation at an attempt's begin and one at its end. With one, those
 * for whom there is no room wait for it, ordered by the age of their call.
 * <p>
 * Thread-safe. Threads wait on conditions of their own, so that a place that becomes free
 * wakes the one that gets it, and virtual threads do not pin their carriers.
 * Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public class Admission {

	/**
	 * The ticket of an attempt that began while no limit was in force.
	 */
	public static final long UNLIMITED = 0;

	/**
	 * What stands for a ticket when there is no room.
	 */
	public static final long NO_ROOM = Long.MIN_VALUE;

	private static final long LIMITED = -1;

	private final String name;

	private final LongSupplier clock;

	private final int toleratedShare;

	/**
	 * While no limit is in force, how many attempts are under way in the lower half, and
	 * in the upper half which share of the latest ones ended in conflict.
	 */
	private final AtomicLong unlimited = new AtomicLong();

	private final ReentrantLock lock = new ReentrantLock();

	private final AdaptiveLimit limit;

	private final TreeSet<Waiter> waiters = new TreeSet<>(Waiter.BY_AGE);

	/**
	 * The one of those who wait that looks out for a stall.
	 */
	private @Nullable Waiter watcher;

	private long arrivals;

	/**
	 * Create an admission without a limit in force.
	 * @param name the name of the transaction
	 * @param settings how to limit its attempts
	 * @param clock gives the time, like {@link System#nanoTime()}
	 */
	public Admission(String name, ContentionSettings settings, LongSupplier clock) {
		this.name = name;
		this.toleratedShare = ConflictShare.of(settings.tolerance());
		this.limit = new AdaptiveLimit(settings);
		this.clock = clock;
	}

	/**
	 * Begin an attempt if that is possible without waiting.
	 * @return the ticket to end it with, or {@link #NO_ROOM}
	 */
	public long tryBegin() {
		if (beginUnlimited()) {
			return UNLIMITED;
		}
		this.lock.lock();
		try {
			endLimitIfOver();
			if (beginUnlimited()) {
				return UNLIMITED;
			}
			return this.limit.hasRoom() ? begin() : NO_ROOM;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Begin an attempt that must not wait, above the limit if need be.
	 * @return the ticket to end it with
	 */
	public long beginAnyway() {
		this.lock.lock();
		try {
			return beginUnlimited() ? UNLIMITED : begin();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait until there is room for an attempt, and begin it.
	 * @param callStarted when the call began, which decides who comes first
	 * @param timeout how long to wait at most, in nanoseconds
	 * @return the ticket to end it with
	 * @throws TimeoutException if there was no room in time
	 * @throws InterruptedException if the thread was interrupted
	 */
	public long awaitBegin(long callStarted, long timeout) throws TimeoutException, InterruptedException {
		this.lock.lockInterruptibly();
		try {
			if (beginUnlimited()) {
				return UNLIMITED;
			}
			if (this.limit.hasRoom()) {
				return begin();
			}
			this.limit.missed();
			return await(new Waiter(callStarted, this.arrivals++, this.clock.getAsLong(), this.lock.newCondition()),
					timeout);
		}
		finally {
			this.lock.unlock();
		}
	}

	private long await(Waiter waiter, long timeout) throws TimeoutException, InterruptedException {
		this.waiters.add(waiter);
		if (this.watcher == null) {
			this.watcher = waiter;
		}
		try {
			while (waiter.ticket == NO_ROOM) {
				long now = this.clock.getAsLong();
				long nanos = timeout - (now - waiter.since);
				if (nanos <= 0) {
					throw new TimeoutException();
				}
				if (this.watcher == waiter) {
					nanos = Math.min(nanos, untilStall(now));
				}
				if (nanos > 0) {
					waiter.admitted.awaitNanos(nanos);
				}
				else {
					this.limit.stalled(now);
					admitWaiters();
				}
			}
		}
		catch (InterruptedException ex) {
			if (waiter.ticket == NO_ROOM) {
				throw ex;
			}
			// It came too late
			Thread.currentThread().interrupt();
		}
		finally {
			if (waiter.ticket == NO_ROOM) {
				this.waiters.remove(waiter);
			}
			if (this.watcher == waiter) {
				watchNext();
			}
		}
		return waiter.ticket;
	}

	private long untilStall(long now) {
		return this.limit.stallsAt(this.waiters.first().since) - now;
	}

	/**
	 * The last one will have to wait longest, so that the watch seldom changes, and
	 * seldom wakes somebody only for that.
	 */
	private void watchNext() {
		this.watcher = this.waiters.isEmpty() ? null : this.waiters.last();
		if (this.watcher != null) {
			this.watcher.admitted.signal();
		}
	}

	/**
	 * End an attempt.
	 * @param ticket what its begin returned
	 * @param end what that tells about contention
	 */
	public void end(long ticket, AttemptEnd end) {
		if (endUnlimited(end)) {
			return;
		}
		this.lock.lock();
		try {
			if (this.unlimited.get() == LIMITED) {
				this.limit.ended(ticket, end, this.clock.getAsLong());
				admitWaiters();
				endLimitIfOver();
			}
			else if (!endUnlimited(end)) {
				long state = this.unlimited.getAndSet(LIMITED);
				this.limit.start((int) state, (int) (state >>> Integer.SIZE), this.clock.getAsLong());
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean beginUnlimited() {
		long state = this.unlimited.get();
		while (state != LIMITED) {
			if (this.unlimited.compareAndSet(state, state + 1)) {
				return true;
			}
			state = this.unlimited.get();
		}
		return false;
	}

	/**
	 * End an attempt unless there is a limit in force, or should be.
	 */
	private boolean endUnlimited(AttemptEnd end) {
		long state = this.unlimited.get();
		while (state != LIMITED) {
			int share = ConflictShare.after(end, (int) (state >>> Integer.SIZE));
			if (end == AttemptEnd.CONFLICT && share > this.toleratedShare) {
				return false;
			}
			if (this.unlimited.compareAndSet(state, unlimited(share, (int) state - 1))) {
				return true;
			}
			state = this.unlimited.get();
		}
		return false;
	}

	private static long unlimited(int share, int underWay) {
		return ((long) share << Integer.SIZE) | underWay;
	}

	private long begin() {
		this.limit.begun();
		long now = this.clock.getAsLong();
		return (now != UNLIMITED && now != NO_ROOM) ? now : 1;
	}

	private void admitWaiters() {
		while (!this.waiters.isEmpty() && this.limit.hasRoom()) {
			Waiter waiter = this.waiters.pollFirst();
			waiter.ticket = begin();
			waiter.admitted.signal();
		}
	}

	private void endLimitIfOver() {
		if (this.unlimited.get() == LIMITED && this.waiters.isEmpty() && this.limit.isOver(this.clock.getAsLong())) {
			this.limit.end();
			this.unlimited.set(unlimited(this.limit.conflictShare(), this.limit.underWay()));
		}
	}

	/**
	 * Return the name of the transaction.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Return the limit that is in force.
	 * @return the limit, not a number if there is none
	 */
	public double limit() {
		this.lock.lock();
		try {
			endLimitIfOver();
			return this.limit.value();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return how many attempts are under way.
	 * @return the number of attempts that were admitted and have not ended
	 */
	public int underWay() {
		this.lock.lock();
		try {
			long state = this.unlimited.get();
			return (state != LIMITED) ? (int) state : this.limit.underWay();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return how many callers wait for an attempt.
	 * @return the number of callers
	 */
	public int waiting() {
		this.lock.lock();
		try {
			return this.waiters.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public String toString() {
		return "Limit of transaction '" + this.name + "': " + limit() + ", under way: " + underWay() + ", waiting: "
				+ waiting();
	}

}
