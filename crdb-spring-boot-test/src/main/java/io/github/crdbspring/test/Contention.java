package io.github.crdbspring.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Makes transactions conflict for real: they run at once, and wait for each other inside,
 * so that the server answers one of them with SQLSTATE 40001. It does so on CockroachDB,
 * and at isolation level SERIALIZABLE on PostgreSQL, the default of the embedded one of
 * {@link CrdbTestDatabase}.
 *
 * <pre class="code">
 * Contention.race(2, () -&gt; this.bank.withdraw(1, 100));
 * assertThat(attempts).transaction("Bank.withdraw").wasRetried();
 * </pre>
 *
 * Pauses between attempts are slept in a race, since there is someone to wait for.
 *
 * @since 0.1.0
 */
public final class Contention {

	/**
	 * How often in a row the others must be seen waiting for the server until those who
	 * have arrived go on: then the others wait for a lock that one of these has. Long
	 * enough for a server that is slow only.
	 */
	private static final int LOCKED = 40;

	private static final int LONGEST = 300;

	/**
	 * Where a thread is that waits for the server, or for a connection to it.
	 */
	private static final Set<String> WAITING = Set.of("org.postgresql.core.VisibleBufferedInputStream",
			"com.zaxxer.hikari.util.ConcurrentBag");

	private static final long STEP_MILLIS = 100;

	private static final ThreadLocal<@Nullable Racer> racer = new ThreadLocal<>();

	private Contention() {
	}

	/**
	 * Run a body several times at once. In its first transaction, each waits after the
	 * first statement until all have come that far: where that is a read, and a write
	 * follows, they conflict.
	 * @param racers how many run at once
	 * @param body what each runs, on a thread of its own
	 * @throws Exception what a body failed with, the failures of others suppressed
	 */
	public static void race(int racers, Body body) throws Exception {
		run(racers, false, body);
	}

	/**
	 * Run a body several times at once. In its first transaction, each waits after the
	 * first statement, a read, and again before COMMIT, until all have come that far. For
	 * transactions that do not wait for each other's locks after that: each has read what
	 * another one writes.
	 * @param racers how many run at once
	 * @param body what each runs, on a thread of its own
	 * @throws Exception what a body failed with, the failures of others suppressed
	 */
	public static void raceToCommit(int racers, Body body) throws Exception {
		run(racers, true, body);
	}

	private static void run(int racers, boolean commit, Body body) throws Exception {
		if (racers < 2) {
			throw new IllegalArgumentException("'racers' must be at least 2, but is " + racers);
		}
		Meeting afterStatement = new Meeting(racers);
		Meeting beforeCommit = commit ? new Meeting(racers) : afterStatement;
		List<Thread> threads = new ArrayList<>();
		List<@Nullable Throwable> failures = new ArrayList<>();
		for (int i = 0; i < racers; i++) {
			int index = i;
			failures.add(null);
			threads.add(new Thread(() -> {
				Throwable failure = runOne(new Racer(afterStatement, beforeCommit), body);
				synchronized (failures) {
					failures.set(index, failure);
				}
			}, "racer-" + i));
		}
		afterStatement.waitFor(threads);
		if (commit) {
			beforeCommit.waitFor(threads);
		}
		threads.forEach(Thread::start);
		for (Thread thread : threads) {
			thread.join();
		}
		rethrow(failures);
	}

	private static @Nullable Throwable runOne(Racer self, Body body) {
		racer.set(self);
		try {
			body.run();
			return null;
		}
		catch (Throwable ex) {
			return ex;
		}
		finally {
			self.arrive();
			racer.remove();
		}
	}

	private static void rethrow(List<@Nullable Throwable> failures) throws Exception {
		Throwable first = null;
		for (Throwable failure : failures) {
			if (first == null) {
				first = failure;
			}
			else if (failure != null && failure != first) {
				first.addSuppressed(failure);
			}
		}
		if (first instanceof Error error) {
			throw error;
		}
		if (first instanceof Exception exception) {
			throw exception;
		}
	}

	static boolean isRacing() {
		return racer.get() != null;
	}

	static void atStatement() {
		Racer self = racer.get();
		if (self != null) {
			self.afterStatement.meet();
		}
	}

	static void atCommit() {
		Racer self = racer.get();
		if (self != null) {
			self.beforeCommit.meet();
		}
	}

	/**
	 * What each racer runs.
	 */
	@FunctionalInterface
	public interface Body {

		/**
		 * Run.
		 * @throws Exception if it fails
		 */
		void run() throws Exception;

	}

	/**
	 * A place in the first transaction where all who run wait for each other, once.
	 */
	private static final class Meeting {

		private final CountDownLatch arrivals;

		/**
		 * The threads of those who are still to come.
		 */
		private final List<Thread> waitedFor = new CopyOnWriteArrayList<>();

		Meeting(int racers) {
			this.arrivals = new CountDownLatch(racers);
		}

		void waitFor(List<Thread> threads) {
			this.waitedFor.addAll(threads);
		}

		/**
		 * Arrive, and wait for the others.
		 */
		void meet() {
			if (arrive()) {
				try {
					await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		}

		/**
		 * Arrive, unless this thread has been here.
		 */
		boolean arrive() {
			boolean first = this.waitedFor.remove(Thread.currentThread());
			if (first) {
				this.arrivals.countDown();
			}
			return first;
		}

		/**
		 * Wait for the others, unless they wait in turn for a lock.
		 */
		private void await() throws InterruptedException {
			int locked = 0;
			for (int i = 0; i < LONGEST && locked < LOCKED; i++) {
				if (this.arrivals.await(STEP_MILLIS, TimeUnit.MILLISECONDS)) {
					return;
				}
				locked = this.waitedFor.stream().allMatch(Meeting::isWaitingForServer) ? locked + 1 : 0;
			}
		}

		private static boolean isWaitingForServer(Thread thread) {
			return Stream.of(thread.getStackTrace()).anyMatch((frame) -> WAITING.contains(frame.getClassName()));
		}

	}

	/**
	 * Where one of those who run meets the others.
	 *
	 * @param afterStatement the place after its first statement
	 * @param beforeCommit the place before COMMIT, the same if they do not wait there
	 */
	private record Racer(Meeting afterStatement, Meeting beforeCommit) {

		/**
		 * Let the others go on without this one.
		 */
		void arrive() {
			this.afterStatement.arrive();
			this.beforeCommit.arrive();
		}

	}

}
