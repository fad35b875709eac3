package io.github.crdbspring.transaction.contention;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Admits the attempts of one transaction. While nothing is in conflict they are only
 * counted. Once something is, limits come into force, of keys on which conflicts
 * concentrate or else of the name. An attempt needs a place in each limit that it has to
 * do with, and gets all of them at once or none, so that callers with several keys cannot
 * block each other. Whoever does not get them waits.
 * <p>
 * Invariants, whenever the lock is free: nobody waits who could be admitted. Each attempt
 * is counted in the limits of its ticket, in the evidence and in {@link #underWay}, and
 * taken off again by its end. Nothing but the number under way is kept while calm.
 * <p>
 * Thread-safe. Threads wait on conditions of their own, so that a place that becomes free
 * wakes the one that gets it, and virtual threads do not pin their carriers.
 * Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public class Admission {

	/**
	 * Stands for the name among the keys, as the one that all calls have.
	 */
	static final long NAME = 0;

	private final String name;

	private final ContentionSettings settings;

	private final LongSupplier clock;

	private final DoubleSupplier random;

	private final long patience;

	private final LongAdder underWay = new LongAdder();

	/**
	 * Nothing has been in conflict for long. Written with the lock.
	 */
	private volatile boolean calm = true;

	private final ReentrantLock lock = new ReentrantLock();

	private final KeyLimits limits = new KeyLimits();

	private final TreeSet<Waiter> waiters = new TreeSet<>(Waiter.BY_AGE);

	private final Evidence evidence;

	private long lastConflict;

	private long lastSweep;

	private long arrivals;

	/**
	 * Create an admission without a limit in force.
	 * @param name the name of the transaction
	 * @param settings how to limit its attempts
	 * @param clock gives the time, like {@link System#nanoTime()}
	 */
	public Admission(String name, ContentionSettings settings, LongSupplier clock) {
		this(name, settings, clock, () -> ThreadLocalRandom.current().nextDouble());
	}

	Admission(String name, ContentionSettings settings, LongSupplier clock, DoubleSupplier random) {
		this.name = name;
		this.settings = settings;
		this.clock = clock;
		this.random = random;
		this.patience = AdaptiveLimit.stallNanos(settings);
		this.evidence = new Evidence(settings.tolerance(), this.limits::contains);
	}

	/**
	 * Begin an attempt if that is possible without waiting.
	 * @param keys the keys of its call
	 * @param callStarted when the call began, which decides who comes first
	 * @return the ticket to end it with, {@code null} if there is no room
	 */
	public @Nullable Ticket tryBegin(CallKeys keys, long callStarted) {
		if (beginCalm()) {
			return Ticket.OPEN;
		}
		this.lock.lock();
		try {
			if (beginCalm()) {
				return Ticket.OPEN;
			}
			long now = this.clock.getAsLong();
			return beginIfRoom(newWaiter(keys, callStarted, now), now);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Begin an attempt that must not wait, above the limits if need be.
	 * @param keys the keys of its call
	 * @return the ticket to end it with
	 */
	public Ticket beginAnyway(CallKeys keys) {
		this.lock.lock();
		try {
			if (beginCalm()) {
				return Ticket.OPEN;
			}
			long now = this.clock.getAsLong();
			return begin(keys, this.limits.of(keys, now), false, now);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait until there is room for an attempt, and begin it.
	 * @param keys the keys of its call
	 * @param callStarted when the call began, which decides who comes first
	 * @param timeout how long to wait at most, in nanoseconds
	 * @return the ticket to end it with
	 * @throws TimeoutException if there was no room in time
	 * @throws InterruptedException if the thread was interrupted
	 */
	public Ticket awaitBegin(CallKeys keys, long callStarted, long timeout)
			throws TimeoutException, InterruptedException {
		this.lock.lockInterruptibly();
		try {
			Waiter waiter = arrive(keys, callStarted);
			Ticket ticket = waiter.ticket();
			return (ticket != null) ? ticket : await(waiter, timeout);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Be admitted if that is possible without waiting, else begin to wait.
	 */
	Waiter arrive(CallKeys keys, long callStarted) {
		this.lock.lock();
		try {
			long now = this.clock.getAsLong();
			Waiter waiter = newWaiter(keys, callStarted, now);
			Ticket ticket = beginCalm() ? Ticket.OPEN : beginIfRoom(waiter, now);
			if (ticket != null) {
				waiter.admit(ticket);
			}
			else {
				this.waiters.add(waiter);
				waiter.limits().forEach((limit) -> limit.queue().add(waiter));
			}
			return waiter;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Have a waiter look whether it is time to go on, although nobody has woken it.
	 * @return after how many nanoseconds it has to look again
	 */
	long look(Waiter waiter) {
		this.lock.lock();
		try {
			long now = this.clock.getAsLong();
			for (KeyLimit limit : new ArrayList<>(waiter.limits())) {
				if (waiter.ticket() == null && limit.queue().first() == waiter && limit.limit().hasRoom(now)) {
					admitWaiters(limit, now);
				}
			}
			if (waiter.ticket() == null && looksAgainAt(waiter, now) - now <= 0) {
				admitRegardless(waiter, now);
			}
			return (waiter.ticket() == null) ? looksAgainAt(waiter, now) - now : 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	private Waiter newWaiter(CallKeys keys, long callStarted, long now) {
		return new Waiter(keys, this.limits.of(keys, now), callStarted, this.arrivals++, now, this.patience,
				this.lock.newCondition());
	}

	private Ticket await(Waiter waiter, long timeout) throws TimeoutException, InterruptedException {
		try {
			for (Ticket ticket = waiter.ticket(); ticket == null; ticket = waiter.ticket()) {
				long remaining = timeout - (this.clock.getAsLong() - waiter.since());
				if (remaining <= 0) {
					throw new TimeoutException();
				}
				long nanos = look(waiter);
				if (waiter.ticket() == null && nanos > 0) {
					waiter.await(Math.min(nanos, remaining));
				}
			}
		}
		catch (InterruptedException ex) {
			if (waiter.ticket() == null) {
				throw ex;
			}
			// It came too late
			Thread.currentThread().interrupt();
		}
		finally {
			if (waiter.ticket() == null) {
				leave(waiter);
			}
		}
		return ticket(waiter);
	}

	private static Ticket ticket(Waiter waiter) {
		Ticket ticket = waiter.ticket();
		if (ticket == null) {
			throw new IllegalStateException("Not admitted");
		}
		return ticket;
	}

	/**
	 * When a waiter has to look for itself: when all that it waits for has stalled; and
	 * the first one of a limit at the end of a pause, for all who wait for that.
	 */
	private long looksAgainAt(Waiter waiter, long now) {
		long stall = now;
		long pause = Long.MAX_VALUE;
		for (KeyLimit limit : waiter.limits()) {
			if (limit.queue().first() == waiter && limit.limit().isPausing(now)) {
				pause = Math.min(pause, limit.limit().opensAt() - now);
			}
			if (!limit.admits(waiter, now)) {
				long at = limit.limit().stallsAt(waiter.since());
				stall = (at - stall > 0) ? at : stall;
			}
		}
		return (stall - now < pause) ? stall : now + pause;
	}

	/**
	 * Nothing has happened that would admit a waiter, and it is time: all that it waits
	 * for has stalled. Whoever is the oldest there takes the place that is made for it.
	 */
	private void admitRegardless(Waiter waiter, long now) {
		Waiter first = waiter;
		for (KeyLimit limit : waiter.limits()) {
			if (!limit.limit().hasRoom(now)) {
				limit.limit().stalled(now);
			}
			first = (Waiter.BY_AGE.compare(limit.queue().first(), first) < 0) ? limit.queue().first() : first;
		}
		admit(first, now);
	}

	/**
	 * End an attempt.
	 * @param ticket what its begin returned
	 * @param keys the keys of its call
	 * @param end what that tells about contention
	 */
	public void end(Ticket ticket, CallKeys keys, AttemptEnd end) {
		this.underWay.decrement();
		if (ticket == Ticket.OPEN && this.calm && end != AttemptEnd.CONFLICT) {
			return;
		}
		this.lock.lock();
		try {
			long now = this.clock.getAsLong();
			if (this.calm && end == AttemptEnd.CONFLICT) {
				this.calm = false;
				this.lastSweep = now;
			}
			if (this.calm) {
				this.evidence.leave(ticket.entry(), keys, end);
			}
			else {
				ended(ticket, keys, end, now);
				sweep(now);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void ended(Ticket ticket, CallKeys keys, AttemptEnd end, long now) {
		Evidence.Finding finding = this.evidence.leave(ticket.entry(), keys, end);
		for (KeyLimit limit : ticket.limits()) {
			limit.limit()
				.ended(ticket.isHeld(), ticket.begun(), finding.endFor(limit.key()), finding.isAlone(limit.key()), now);
		}
		KeyLimit ofName = this.limits.ofName();
		if (ofName != null && !ticket.limits().contains(ofName)) {
			ofName.limit().earlierEnded(finding.endFor(NAME), now);
		}
		this.lastConflict = (end == AttemptEnd.CONFLICT) ? now : this.lastConflict;
		Long cause = this.evidence.take(finding, keys);
		if (cause != null) {
			startLimit(cause, now);
		}
		ticket.limits().forEach((limit) -> admitWaiters(limit, now));
		if (ofName != null) {
			admitWaiters(ofName, now);
		}
		ticket.limits().forEach((limit) -> endIfOver(limit, now));
	}

	/**
	 * Limit the key that conflicts are about, and free the name, as what was in conflict
	 * is known now; or limit the name, if there is no such key.
	 */
	private void startLimit(long cause, long now) {
		AdaptiveLimit limit = new AdaptiveLimit(this.settings, this.random);
		int earlier = this.evidence.unexplainedShare();
		KeyLimit ofName = this.limits.ofName();
		if (cause != NAME && this.limits.takesAnotherKey()) {
			limit.start(1, 0, now);
			start(new KeyLimit(cause, limit));
			this.evidence.explainAll();
			if (ofName != null) {
				end(ofName, now);
			}
		}
		else if (this.evidence.addUnexplained() && ofName == null) {
			limit.start((int) this.underWay.sum() + 1, earlier, now);
			start(new KeyLimit(NAME, limit));
		}
	}

	/**
	 * Put a limit into force, for those who wait already, too.
	 */
	private void start(KeyLimit limit) {
		this.limits.add(limit);
		for (Waiter waiter : this.waiters) {
			if (limit.key() == NAME || contains(waiter.keys().hashes(), limit.key())) {
				waiter.limits().add(limit);
				limit.queue().add(waiter);
			}
		}
	}

	private static boolean contains(long[] hashes, long key) {
		for (long hash : hashes) {
			if (hash == key) {
				return true;
			}
		}
		return false;
	}

	private void endIfOver(KeyLimit limit, long now) {
		if (limit.isOver(now)) {
			end(limit, now);
		}
	}

	/**
	 * Take a limit out of force. Those under way that it counts need not be told.
	 */
	private void end(KeyLimit limit, long now) {
		if (this.limits.remove(limit)) {
			for (Waiter waiter : new ArrayList<>(limit.queue())) {
				waiter.limits().remove(limit);
				admitIfRoom(waiter, now);
			}
			limit.queue().clear();
		}
	}

	/**
	 * Forget limits that nothing has to do with any more, and all that is kept when there
	 * has been no conflict for long.
	 */
	private void sweep(long now) {
		if (now - this.lastSweep > AdaptiveLimit.IDLE_NANOS / 2) {
			this.lastSweep = now;
			this.limits.removeThoseOver(now);
			if (this.limits.isEmpty() && this.waiters.isEmpty() && now - this.lastConflict > AdaptiveLimit.IDLE_NANOS) {
				this.evidence.forget();
				this.calm = true;
			}
		}
	}

	/**
	 * Count first and look then, or else a limit that comes into force in between would
	 * not know of the attempt.
	 */
	private boolean beginCalm() {
		if (this.calm) {
			this.underWay.increment();
			if (this.calm) {
				return true;
			}
			this.underWay.decrement();
		}
		return false;
	}

	private @Nullable Ticket beginIfRoom(Waiter waiter, long now) {
		boolean room = true;
		for (KeyLimit limit : waiter.limits()) {
			if (!limit.admits(waiter, now)) {
				limit.limit().missed();
				room = false;
			}
		}
		if (!room) {
			return null;
		}
		for (KeyLimit limit : waiter.limits()) {
			if (!limit.queue().isEmpty() && Waiter.BY_AGE.compare(limit.queue().first(), waiter) < 0) {
				limit.queue().first().overtaken();
			}
		}
		return begin(waiter.keys(), waiter.limits(), true, now);
	}

	private Ticket begin(CallKeys keys, List<KeyLimit> limits, boolean held, long now) {
		this.underWay.increment();
		Evidence.Entry entry = this.evidence.enter(keys);
		for (KeyLimit limit : limits) {
			if (held) {
				limit.limit().begun();
			}
			else {
				limit.limit().begunAbove();
			}
		}
		return new Ticket(entry, List.copyOf(limits), held, now);
	}

	/**
	 * Stop waiting, whoever is the first one then has to know.
	 */
	private void dequeue(Waiter waiter) {
		this.waiters.remove(waiter);
		for (KeyLimit limit : waiter.limits()) {
			boolean first = !limit.queue().isEmpty() && limit.queue().first() == waiter;
			limit.queue().remove(waiter);
			if (first && limit.limit().value() < 1 && !limit.queue().isEmpty()) {
				limit.queue().first().signal();
			}
		}
	}

	/**
	 * Leave without having been admitted: others may have been kept back for this one.
	 */
	private void leave(Waiter waiter) {
		dequeue(waiter);
		long now = this.clock.getAsLong();
		waiter.limits().forEach((limit) -> admitWaiters(limit, now));
	}

	private void admitWaiters(KeyLimit limit, long now) {
		if (limit.queue().isEmpty()) {
			return;
		}
		if (!limit.limit().hasRoom(now)) {
			if (limit.limit().value() < 1) {
				// The pause has begun, at the end of which it has to look
				limit.queue().first().signal();
			}
			return;
		}
		Waiter waiter = limit.queue().first();
		while (waiter != null && limit.limit().hasRoom(now)) {
			Waiter next = limit.queue().higher(waiter);
			admitIfRoom(waiter, now);
			waiter = next;
		}
	}

	private boolean admitIfRoom(Waiter waiter, long now) {
		if (waiter.ticket() != null) {
			// Admitted together with one that others were kept back for
			return true;
		}
		for (KeyLimit limit : waiter.limits()) {
			if (!limit.admits(waiter, now)) {
				return false;
			}
		}
		admit(waiter, now);
		return true;
	}

	private void admit(Waiter waiter, long now) {
		for (KeyLimit limit : waiter.limits()) {
			if (limit.queue().first() != waiter) {
				limit.queue().first().overtaken();
			}
		}
		Ticket ticket = begin(waiter.keys(), waiter.limits(), true, now);
		boolean overdue = waiter.isOverdue(now);
		dequeue(waiter);
		waiter.admit(ticket);
		if (overdue) {
			// Others may have been kept back for it
			waiter.limits().forEach((limit) -> admitWaiters(limit, now));
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
	 * Return the limit that is in force, the least one if there are several.
	 * @return the limit, of the name or of a key, not a number if there is none
	 */
	public double limit() {
		this.lock.lock();
		try {
			return this.limits.least(this.clock.getAsLong());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return how many keys have a limit of their own.
	 * @return the number of keys in force
	 */
	public int keys() {
		this.lock.lock();
		try {
			return this.limits.keys(this.clock.getAsLong());
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
		return this.underWay.intValue();
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
		return "Limit of transaction '" + this.name + "': " + limit() + ", keys: " + keys() + ", under way: "
				+ underWay() + ", waiting: " + waiting();
	}

}
