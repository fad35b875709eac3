package io.github.crdbspring.transaction.contention;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * is counted in the limits of its ticket, in {@link #presences} and in {@link #underWay},
 * and taken off again by its end. Nothing but the number under way is kept while calm.
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

	/**
	 * How many keys may have a limit. That bounds what is kept, and what has more hot
	 * keys than this is better off with the limit of the name.
	 */
	static final int MAX_KEYS = 64;

	private static final boolean[] UNKNOWN = {};

	private final String name;

	private final ContentionSettings settings;

	private final LongSupplier clock;

	private final DoubleSupplier random;

	private final int toleratedShare;

	private final long patience;

	private final LongAdder underWay = new LongAdder();

	/**
	 * Nothing has been in conflict for long. Written with the lock.
	 */
	private volatile boolean calm = true;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * What is in force, by key.
	 */
	private final Map<Long, KeyLimit> limits = new HashMap<>();

	private final TreeSet<Waiter> waiters = new TreeSet<>(Waiter.BY_AGE);

	private final Presences presences = new Presences();

	private Suspects suspects;

	/**
	 * Which share of the latest attempts ended in conflict for a reason that is not a
	 * key.
	 */
	private int unexplainedShare;

	private long lastConflict;

	private long lastSweep;

	private long attempts;

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
		this.toleratedShare = ConflictShare.of(settings.tolerance());
		this.patience = AdaptiveLimit.stallNanos(settings);
		this.suspects = new Suspects(settings.tolerance());
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
			return begin(keys, limitsOf(keys, now), false, now);
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
		return new Waiter(keys, limitsOf(keys, now), callStarted, this.arrivals++, now, this.patience,
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
				leave(ticket, keys.hashes());
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
		long[] hashes = keys.hashes();
		boolean[] shared = leave(ticket, hashes);
		boolean[] blamed = (end == AttemptEnd.CONFLICT) ? blame(hashes, shared) : UNKNOWN;
		boolean explained = isExplained(hashes, blamed);
		for (KeyLimit limit : ticket.limits()) {
			boolean here = (limit.key() == NAME) ? !explained : isBlamed(limit.key(), hashes, blamed);
			limit.limit()
				.ended(ticket.isHeld(), ticket.begun(), (end != AttemptEnd.CONFLICT || here) ? end : AttemptEnd.OTHER,
						!isShared(limit.key(), hashes, shared), now);
		}
		KeyLimit ofName = this.limits.get(NAME);
		if (ofName != null && !ticket.limits().contains(ofName)) {
			ofName.limit().earlierEnded((end == AttemptEnd.CONFLICT && explained) ? AttemptEnd.OTHER : end, now);
		}
		if (end != AttemptEnd.OTHER) {
			judge(keys, hashes, shared, blamed, explained, now);
		}
		ticket.limits().forEach((limit) -> admitWaiters(limit, now));
		if (ofName != null) {
			admitWaiters(ofName, now);
		}
		ticket.limits().forEach((limit) -> endIfOver(limit, now));
	}

	/**
	 * Leave with all keys, and say for each, and for the name after them, whether another
	 * attempt was under way with it meanwhile.
	 */
	private boolean[] leave(Ticket ticket, long[] hashes) {
		if (ticket == Ticket.OPEN) {
			return UNKNOWN;
		}
		boolean[] shared = new boolean[hashes.length + 1];
		for (int i = 0; i < shared.length; i++) {
			long key = (i < hashes.length) ? hashes[i] : NAME;
			shared[i] = this.presences.leave(key, ticket.number()) || ticket.wasShared(i);
		}
		return shared;
	}

	/**
	 * Say which keys a conflict may be about: those that another attempt had as well, or
	 * if there was none, all of them, as whoever it was is not seen here; but none that
	 * nearly all calls have.
	 */
	private boolean[] blame(long[] hashes, boolean[] shared) {
		boolean[] blamed = new boolean[hashes.length];
		boolean any = false;
		for (int i = 0; i < hashes.length; i++) {
			blamed[i] = shared != UNKNOWN && shared[i] && !isCommon(hashes[i]);
			any = any || blamed[i];
		}
		for (int i = 0; i < hashes.length && !any; i++) {
			blamed[i] = !isCommon(hashes[i]);
		}
		return blamed;
	}

	private boolean isCommon(long key) {
		return !this.limits.containsKey(key) && this.suspects.isCommon(key);
	}

	private boolean isExplained(long[] hashes, boolean[] blamed) {
		for (int i = 0; i < blamed.length; i++) {
			if (blamed[i] && this.limits.containsKey(hashes[i])) {
				return true;
			}
		}
		return false;
	}

	private static boolean isBlamed(long key, long[] hashes, boolean[] blamed) {
		for (int i = 0; i < blamed.length; i++) {
			if (hashes[i] == key) {
				return blamed[i];
			}
		}
		return false;
	}

	private static boolean isShared(long key, long[] hashes, boolean[] shared) {
		for (int i = 0; i < hashes.length && shared != UNKNOWN; i++) {
			if (hashes[i] == key) {
				return shared[i];
			}
		}
		return shared == UNKNOWN || shared[hashes.length];
	}

	/**
	 * Take an attempt as evidence, and decide whether that brings a limit into force.
	 */
	private void judge(CallKeys keys, long[] hashes, boolean[] shared, boolean[] blamed, boolean explained, long now) {
		boolean conflict = blamed != UNKNOWN;
		if (keys.judgeOnce()) {
			this.suspects.addCall(conflict);
			for (int i = 0; i < hashes.length; i++) {
				// Also of one that nearly all have, which may change
				this.suspects.addKey(hashes[i], conflict && (blamed[i] || shared == UNKNOWN || shared[i]));
			}
		}
		if (!conflict) {
			this.unexplainedShare = ConflictShare.after(AttemptEnd.COMMIT, this.unexplainedShare);
			return;
		}
		this.lastConflict = now;
		if (explained || startKey(keys, hashes, blamed, now)) {
			return;
		}
		int share = ConflictShare.after(AttemptEnd.CONFLICT, this.unexplainedShare);
		if (share > this.toleratedShare && !this.limits.containsKey(NAME)) {
			AdaptiveLimit limit = new AdaptiveLimit(this.settings, this.random);
			limit.start((int) this.underWay.sum() + 1, this.unexplainedShare, now);
			start(new KeyLimit(NAME, limit));
		}
		this.unexplainedShare = share;
	}

	/**
	 * Limit the key that a conflict is most likely about, if it is a key, and free the
	 * name, as what was in conflict is known now.
	 * @return whether the conflict need not count as one that has nothing to do with keys
	 */
	private boolean startKey(CallKeys keys, long[] hashes, boolean[] blamed, long now) {
		int guilty = -1;
		int pending = -1;
		for (int i = 0; i < hashes.length; i++) {
			if (blamed[i]) {
				double guilt = this.suspects.guilt(hashes[i], keys.areNamed());
				if (guilt > 0 && (guilty < 0 || guilt > this.suspects.share(hashes[guilty]))) {
					guilty = i;
				}
				if (this.suspects.isPending(hashes[i])
						&& (pending < 0 || this.suspects.share(hashes[i]) > this.suspects.share(hashes[pending]))) {
					pending = i;
				}
			}
		}
		if (pending >= 0
				&& (guilty < 0 || this.suspects.share(hashes[pending]) > this.suspects.share(hashes[guilty]))) {
			return true;
		}
		if (guilty < 0 || this.limits.size() - (this.limits.containsKey(NAME) ? 1 : 0) >= MAX_KEYS) {
			return false;
		}
		AdaptiveLimit limit = new AdaptiveLimit(this.settings, this.random);
		limit.start(1, 0, now);
		start(new KeyLimit(hashes[guilty], limit));
		this.unexplainedShare = 0;
		KeyLimit ofName = this.limits.get(NAME);
		if (ofName != null) {
			end(ofName, now);
		}
		return true;
	}

	/**
	 * Put a limit into force, for those who wait already, too.
	 */
	private void start(KeyLimit limit) {
		this.limits.put(limit.key(), limit);
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
		if (this.limits.remove(limit.key(), limit)) {
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
			for (KeyLimit limit : new ArrayList<>(this.limits.values())) {
				endIfOver(limit, now);
			}
			if (this.limits.isEmpty() && this.waiters.isEmpty() && now - this.lastConflict > AdaptiveLimit.IDLE_NANOS) {
				this.suspects = new Suspects(this.settings.tolerance());
				this.unexplainedShare = 0;
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

	private List<KeyLimit> limitsOf(CallKeys keys, long now) {
		if (this.limits.isEmpty()) {
			return List.of();
		}
		List<KeyLimit> found = new ArrayList<>(3);
		addLimit(NAME, found, now);
		for (long hash : keys.hashes()) {
			addLimit(hash, found, now);
		}
		return found;
	}

	private void addLimit(long key, List<KeyLimit> found, long now) {
		KeyLimit limit = this.limits.get(key);
		if (limit != null) {
			if (limit.isOver(now)) {
				end(limit, now);
			}
			else {
				found.add(limit);
			}
		}
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
		long number = ++this.attempts;
		long[] hashes = keys.hashes();
		boolean[] shared = new boolean[hashes.length + 1];
		for (int i = 0; i < shared.length; i++) {
			shared[i] = this.presences.enter((i < hashes.length) ? hashes[i] : NAME, number);
		}
		for (KeyLimit limit : limits) {
			if (held) {
				limit.limit().begun();
			}
			else {
				limit.limit().begunAbove();
			}
		}
		return new Ticket(number, shared, List.copyOf(limits), held, now);
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
			double least = Double.NaN;
			long now = this.clock.getAsLong();
			for (KeyLimit limit : this.limits.values()) {
				double value = limit.limit().value();
				if (!limit.limit().isIdle(now) && !(value >= least)) {
					least = value;
				}
			}
			return least;
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
			int keys = 0;
			long now = this.clock.getAsLong();
			for (KeyLimit limit : this.limits.values()) {
				keys += (limit.key() != NAME && !limit.limit().isIdle(now)) ? 1 : 0;
			}
			return keys;
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
