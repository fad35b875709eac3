package io.github.crdbspring.contention;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * Calls until the window is over, and then on until no caller is busy with a call that
 * began in the window: so the longest waits are measured too, and under the same load.
 */
final class Caller implements Callable<Map<String, Tally>> {

	/**
	 * What all calls have in common.
	 */
	private static final int AMOUNT = 1;

	private final Calls calls;

	private final Load.Method method;

	private final DataSet dataSet;

	private final Window window;

	private final CountDownLatch busy;

	private final String label;

	/**
	 * By what calls count as.
	 */
	private final Map<String, Tally> tallies = new HashMap<>();

	Caller(Calls calls, Load load, DataSet dataSet, Window window, CountDownLatch busy) {
		this.calls = calls;
		this.method = load.method();
		this.label = load.label();
		this.dataSet = dataSet;
		this.window = window;
		this.busy = busy;
	}

	@Override
	public Map<String, Tally> call() {
		long begin = System.nanoTime();
		while (!this.window.isOver(begin)) {
			call(this.window.contains(begin), begin);
			begin = System.nanoTime();
		}
		this.busy.countDown();
		while (this.busy.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
			call(false, System.nanoTime());
		}
		return this.tallies;
	}

	private void call(boolean measured, long begin) {
		Task task = this.dataSet.next();
		Tally tally = this.tallies.computeIfAbsent((task.label() != null) ? task.label() : this.label,
				(key) -> new Tally());
		Attempts attempts = new Attempts();
		try {
			call(task, (connection, lock) -> {
				attempts.count++;
				task.body().run(connection, lock);
			});
			long end = System.nanoTime();
			tally.committed(this.window.contains(end));
			if (measured) {
				tally.succeeded(end - begin, attempts.count);
			}
		}
		catch (Exception ex) {
			tally.failed(ex, measured, attempts.count);
		}
	}

	private void call(Task task, TransactionBody body) throws SQLException {
		switch (this.method) {
			case FIRST -> this.calls.first(body, task.source(), task.target(), AMOUNT);
			case SECOND -> this.calls.second(body, task.source(), task.target(), AMOUNT);
		}
	}

	/**
	 * Counts the attempts of one call.
	 */
	private static final class Attempts {

		private int count;

	}

}
