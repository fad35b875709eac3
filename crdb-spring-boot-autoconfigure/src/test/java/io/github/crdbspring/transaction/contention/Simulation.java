package io.github.crdbspring.transaction.contention;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A database, instances of an application and their callers in time that is only
 * computed: what comes of a run depends on nothing but its seed.
 * <p>
 * Each call reads rows, thinks, writes them, one statement each, and commits. A statement
 * takes a round trip and a share of the server's processors. Whoever meets a row that
 * another transaction has written waits for its end; whoever writes a row that has
 * changed since it was read fails, as with SQLSTATE 40001, is rolled back, and tries
 * again after a pause. Each caller calls again at once.
 */
final class Simulation {

	static final long MILLIS = 1_000_000;

	private static final long STATEMENT = MILLIS / 4;

	private final PriorityQueue<Event> events = new PriorityQueue<>();

	private final Map<Long, Row> rows = new HashMap<>();

	private final List<Admission> admissions = new ArrayList<>();

	private final Map<String, Tally> tallies = new LinkedHashMap<>();

	private final Map<Integer, Integer> commitsByInstance = new HashMap<>();

	private final Random random;

	private final Limits limits;

	private final long roundTrip;

	private final long[] processors;

	private final long[] window;

	private long now = 1;

	private long sequence;

	/**
	 * Create a simulation.
	 * @param limits what is limited
	 * @param roundTrip nanoseconds between a caller and the server, there and back
	 * @param processors how many statements the server runs at once
	 * @param seconds what is measured, after half of that again
	 */
	Simulation(Limits limits, long roundTrip, int processors, int seconds, long seed) {
		this.limits = limits;
		this.roundTrip = roundTrip;
		this.processors = new long[processors];
		this.window = new long[] { seconds * 500 * MILLIS, seconds * 1500 * MILLIS };
		this.random = new Random(seed);
	}

	Random random() {
		return this.random;
	}

	/**
	 * Add an instance of the application.
	 * @return its number
	 */
	int addInstance() {
		this.admissions
			.add(new Admission("transfer", ContentionSettings.defaults(), () -> this.now, this.random::nextDouble));
		return this.admissions.size() - 1;
	}

	/**
	 * Add callers to an instance.
	 * @param label what their calls are called in the result
	 */
	void addCallers(int instance, String label, int count, Supplier<Call> calls) {
		for (int i = 0; i < count; i++) {
			at(this.random.nextInt((int) MILLIS), () -> call(instance, label, calls));
		}
	}

	void run() {
		while (!this.events.isEmpty() && this.now < this.window[1]) {
			Event event = this.events.poll();
			this.now = Math.max(this.now, event.time());
			event.action().run();
		}
	}

	Admission admission(int instance) {
		return this.admissions.get(instance);
	}

	Tally tally(String label) {
		return this.tallies.computeIfAbsent(label, (key) -> new Tally());
	}

	/**
	 * Return the commits of the instance that had the fewest, to the mean.
	 */
	double leastShare() {
		int sum = this.commitsByInstance.values().stream().mapToInt(Integer::intValue).sum();
		int least = this.admissions.stream()
			.mapToInt((admission) -> this.commitsByInstance.getOrDefault(this.admissions.indexOf(admission), 0))
			.min()
			.orElse(0);
		return least * (double) this.admissions.size() / sum;
	}

	double throughput() {
		return this.tallies.values().stream().mapToDouble(Tally::throughput).sum();
	}

	private void call(int instance, String label, Supplier<Call> calls) {
		Call call = calls.get();
		new Run(this, instance, call, (call.label() != null) ? call.label() : label, () -> call(instance, label, calls))
			.begin();
	}

	private void at(long delay, Runnable action) {
		this.events.add(new Event(this.now + delay, this.sequence++, action));
	}

	/**
	 * Run a statement, when the first processor is free, and go on at the caller's.
	 */
	private void statement(Runnable atServer) {
		at(this.roundTrip / 2, () -> {
			int first = 0;
			for (int i = 1; i < this.processors.length; i++) {
				first = (this.processors[i] < this.processors[first]) ? i : first;
			}
			this.processors[first] = Math.max(this.processors[first], this.now) + STATEMENT;
			at(this.processors[first] - this.now, atServer);
		});
	}

	private Row row(long id) {
		return this.rows.computeIfAbsent(id, (key) -> new Row());
	}

	/**
	 * What is limited.
	 */
	enum Limits {

		OFF, NAME, KEYS

	}

	/**
	 * A call.
	 *
	 * @param rows the rows that it reads and writes
	 * @param think how long it thinks in between
	 * @param keys what its arguments say, or it says itself
	 * @param label what it is called in the result, {@code null} if as its caller says
	 */
	record Call(long[] rows, long think, Supplier<CallKeys> keys, @Nullable String label) {

		Call {
			Arrays.sort(rows);
		}

	}

	/**
	 * Something that happens at a time.
	 */
	private record Event(long time, long sequence, Runnable action) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			return (this.time != other.time) ? Long.compare(this.time, other.time)
					: Long.compare(this.sequence, other.sequence);
		}

	}

	/**
	 * A row, and who waits for it.
	 */
	private static final class Row {

		private long version;

		private @Nullable Run writer;

		private final Deque<Runnable> waiting = new ArrayDeque<>();

	}

	/**
	 * What came of calls.
	 */
	final class Tally {

		private long[] latencies = new long[1024];

		private int count;

		private int retries;

		private int commits;

		private int givenUp;

		private void add(long started, int attempts) {
			if (Simulation.this.now >= Simulation.this.window[0]) {
				this.givenUp += (attempts > 10) ? 1 : 0;
				this.commits++;
				if (this.count == this.latencies.length) {
					this.latencies = Arrays.copyOf(this.latencies, 2 * this.count);
				}
				this.latencies[this.count++] = Simulation.this.now - started;
				this.retries += attempts - 1;
			}
		}

		double throughput() {
			return this.commits * 1e9 / (Simulation.this.window[1] - Simulation.this.window[0]);
		}

		double percentile(double share) {
			long[] sorted = Arrays.copyOf(this.latencies, this.count);
			Arrays.sort(sorted);
			return (this.count > 0) ? sorted[(int) Math.ceil(share * this.count) - 1] / (double) MILLIS : Double.NaN;
		}

		/**
		 * Return which share took more attempts than are the default.
		 */
		double givenUp() {
			return this.givenUp / (double) this.commits;
		}

		double retriesPerCommit() {
			return this.retries / (double) this.commits;
		}

		@Override
		public String toString() {
			return String.format("%.0f/s, %.2f retries, p50 %.1f, p99 %.1f, max %.1f ms", throughput(),
					retriesPerCommit(), percentile(0.5), percentile(0.99), percentile(1));
		}

	}

	/**
	 * One call under way.
	 */
	private static final class Run {

		private final Simulation simulation;

		private final int instance;

		private final Call call;

		private final String label;

		private final Runnable next;

		private final long started;

		private final CallKeys keys;

		private final TreeSet<Long> written = new TreeSet<>();

		private final long[] versions;

		/**
		 * What it waits with for its next attempt.
		 */
		private @Nullable Waiter waiter;

		private @Nullable Ticket ticket;

		private int attempts;

		Run(Simulation simulation, int instance, Call call, String label, Runnable next) {
			this.simulation = simulation;
			this.instance = instance;
			this.call = call;
			this.label = label;
			this.next = next;
			this.started = simulation.now;
			this.keys = (simulation.limits == Limits.KEYS) ? call.keys().get() : CallKeys.none();
			this.versions = new long[call.rows().length];
		}

		void begin() {
			this.attempts++;
			if (this.simulation.limits == Limits.OFF) {
				read(0);
				return;
			}
			Waiter waiter = admission().arrive(this.keys, this.started);
			this.waiter = waiter;
			waiter.whenWoken(() -> this.simulation.at(0, () -> look(waiter)));
			look(waiter);
		}

		/**
		 * Go on if admitted, else look again when there is something to see.
		 */
		private void look(Waiter waiter) {
			if (waiter != this.waiter) {
				return;
			}
			if (waiter.ticket() == null) {
				long nanos = admission().look(waiter);
				if (nanos > 0) {
					this.simulation.at(nanos, () -> look(waiter));
				}
			}
			if (waiter.ticket() != null) {
				this.ticket = waiter.ticket();
				this.waiter = null;
				read(0);
			}
		}

		private Admission admission() {
			return this.simulation.admission(this.instance);
		}

		/**
		 * All rows at once, as one statement does.
		 */
		private void read(int from) {
			this.simulation.statement(() -> readWhenFree(from));
		}

		private void readWhenFree(int from) {
			for (int i = from; i < this.versions.length; i++) {
				Row row = this.simulation.row(this.call.rows()[i]);
				if (row.writer != null) {
					int again = i;
					row.waiting.add(() -> readWhenFree(again));
					return;
				}
				this.versions[i] = row.version;
			}
			this.simulation.at(this.simulation.roundTrip / 2 + this.call.think(), () -> write(0));
		}

		private void write(int index) {
			if (index == this.versions.length) {
				this.simulation.statement(this::commit);
			}
			else {
				this.simulation.statement(() -> writeWhenFree(index));
			}
		}

		private void writeWhenFree(int index) {
			long id = this.call.rows()[index];
			Row row = this.simulation.row(id);
			if (row.writer != null) {
				row.waiting.add(() -> writeWhenFree(index));
			}
			else if (row.version != this.versions[index]) {
				this.simulation.at(this.simulation.roundTrip / 2, () -> this.simulation.statement(this::rolledBack));
			}
			else {
				row.writer = this;
				this.written.add(id);
				this.simulation.at(this.simulation.roundTrip / 2, () -> write(index + 1));
			}
		}

		private void commit() {
			release(true);
			this.simulation.at(this.simulation.roundTrip / 2, () -> {
				end(AttemptEnd.COMMIT);
				this.simulation.tally(this.label).add(this.started, this.attempts);
				if (this.simulation.now >= this.simulation.window[0]) {
					this.simulation.commitsByInstance.merge(this.instance, 1, Integer::sum);
				}
				this.next.run();
			});
		}

		private void rolledBack() {
			release(false);
			this.simulation.at(this.simulation.roundTrip / 2, () -> {
				end(AttemptEnd.CONFLICT);
				this.simulation.at(pause(), this::begin);
			});
		}

		private void end(AttemptEnd end) {
			if (this.ticket != null) {
				admission().end(this.ticket, this.keys, end);
			}
		}

		private long pause() {
			boolean off = this.simulation.limits == Limits.OFF;
			BackoffSettings settings = off ? BackoffSettings.defaults() : ContentionSettings.defaults().backoff();
			boolean grows = this.ticket == null || !this.ticket.isLimited();
			double interval = Math.min(
					settings.initialInterval().toNanos() * Math.pow(2, grows ? this.attempts - 1 : 0),
					settings.maxInterval().toNanos());
			return (long) (interval * this.simulation.random.nextDouble());
		}

		private void release(boolean committed) {
			List<Runnable> woken = new ArrayList<>();
			for (long id : this.written) {
				Row row = this.simulation.row(id);
				row.version += committed ? 1 : 0;
				row.writer = null;
				woken.addAll(row.waiting);
				row.waiting.clear();
			}
			this.written.clear();
			woken.forEach(Runnable::run);
		}

	}

}
