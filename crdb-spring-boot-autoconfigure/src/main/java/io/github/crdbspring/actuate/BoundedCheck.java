package io.github.crdbspring.actuate;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * Waits a bounded time for a check, which therefore runs on a thread of its own: neither
 * waiting for a pool nor reading from a dead network can be bounded from outside. There
 * is one such thread at most; who comes while a check is under way shares its result.
 *
 * @param <T> the type of the result
 */
final class BoundedCheck<T> {

	private final Callable<T> check;

	private final Duration limit;

	private @Nullable FutureTask<T> current;

	private @Nullable Thread thread;

	BoundedCheck(Callable<T> check, Duration limit) {
		this.check = check;
		this.limit = limit;
	}

	/**
	 * Run the check.
	 * @throws TimeoutException if there is no result in time
	 * @throws InterruptedException if the waiting thread is interrupted
	 * @throws Exception what the check throws
	 */
	T run() throws Exception {
		FutureTask<T> task = start();
		try {
			return task.get(this.limit.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Exception cause) {
				throw cause;
			}
			throw ex;
		}
		catch (TimeoutException ex) {
			task.cancel(true);
			throw ex;
		}
	}

	private synchronized FutureTask<T> start() throws TimeoutException {
		FutureTask<T> running = this.current;
		if (running != null && this.thread != null && this.thread.isAlive()) {
			if (running.isCancelled()) {
				throw new TimeoutException("An earlier check has still not come back");
			}
			if (!running.isDone()) {
				return running;
			}
		}
		FutureTask<T> task = new FutureTask<>(this.check);
		this.current = task;
		this.thread = new Thread(task, "crdb-check");
		this.thread.setDaemon(true);
		this.thread.start();
		return task;
	}

}
