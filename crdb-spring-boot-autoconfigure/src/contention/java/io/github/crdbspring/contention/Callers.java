package io.github.crdbspring.contention;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The threads of one run.
 */
final class Callers {

	/**
	 * Longer than any contender goes on trying.
	 */
	private static final long GRACE_SECONDS = 300;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<Calls> services;

	private final Window window;

	private final CountDownLatch busy;

	private int number;

	/**
	 * Create a new instance.
	 * @param services what is called, by as many callers each
	 * @param window when
	 * @param count how many callers there will be
	 */
	Callers(List<Calls> services, Window window, int count) {
		this.services = services;
		this.window = window;
		this.busy = new CountDownLatch(count);
	}

	/**
	 * Let the callers of a load begin.
	 */
	List<Future<Map<String, Tally>>> start(Load load, DataSet dataSet) {
		List<Future<Map<String, Tally>>> futures = new ArrayList<>();
		for (int i = 0; i < load.threads(); i++) {
			Calls service = this.services.get(this.number++ % this.services.size());
			futures.add(this.executor.submit(new Caller(service, load, dataSet, this.window, this.busy)));
		}
		return futures;
	}

	/**
	 * Wait for what callers have to tell.
	 */
	List<Map<String, Tally>> await(List<Future<Map<String, Tally>>> futures)
			throws ExecutionException, InterruptedException, TimeoutException {
		long deadline = this.window.end() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
		List<Map<String, Tally>> tallies = new ArrayList<>();
		for (Future<Map<String, Tally>> future : futures) {
			tallies.add(future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
		}
		return tallies;
	}

	void stop() {
		this.executor.shutdownNow();
	}

}
