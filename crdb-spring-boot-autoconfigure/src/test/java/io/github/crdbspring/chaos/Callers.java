package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Threads that make one call after the other.
 */
final class Callers {

	private final Map<String, Teller> tellers = new TreeMap<>();

	private final Queue<Call> calls = new ConcurrentLinkedQueue<>();

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean stopped;

	Callers(List<BankApplication> applications, int count, long seed) {
		applications.forEach((application) -> this.tellers.putAll(application.tellers()));
		for (int i = 0; i < count; i++) {
			Random random = new Random(seed + i);
			Thread thread = new Thread(() -> callUntilStopped(random), "caller-" + i);
			thread.setDaemon(true);
			this.threads.add(thread);
		}
	}

	void start() {
		this.threads.forEach(Thread::start);
	}

	/**
	 * Let the callers end their last calls.
	 * @param patience how long that may take altogether
	 */
	void stop(Duration patience) throws InterruptedException {
		this.stopped = true;
		long deadline = System.nanoTime() + patience.toNanos();
		for (Thread thread : this.threads) {
			thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
		}
	}

	/**
	 * Return all calls that were made.
	 */
	List<Call> calls() {
		return List.copyOf(this.calls);
	}

	private void callUntilStopped(Random random) {
		List<String> names = List.copyOf(this.tellers.keySet());
		while (!this.stopped) {
			String name = names.get(random.nextInt(names.size()));
			Call call = new Call(transfer(random), name);
			this.calls.add(call);
			try {
				AttemptLog.run(call, () -> this.tellers.get(name).transfer(call.transfer()));
				call.returned();
			}
			catch (RuntimeException | Error ex) {
				call.failed(ex);
			}
		}
	}

	private static Transfer transfer(Random random) {
		int source = random.nextInt(Ledger.ACCOUNTS);
		int target = (source + 1 + random.nextInt(Ledger.ACCOUNTS - 1)) % Ledger.ACCOUNTS;
		return new Transfer(new UUID(random.nextLong(), random.nextLong()), source, target, 1 + random.nextInt(100));
	}

}
