package io.github.crdbspring.contention;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * Calls until the window is over, and then on until no caller is busy with a call that
 * began in the window: so the longest waits are measured too, and under the same load.
 */
final class Caller implements Callable<Tally> {

	private final Calls calls;

	private final Load.Method method;

	private final DataSet dataSet;

	private final Window window;

	private final CountDownLatch busy;

	private final Tally tally = new Tally();

	Caller(Calls calls, Load.Method method, DataSet dataSet, Window window, CountDownLatch busy) {
		this.calls = calls;
		this.method = method;
		this.dataSet = dataSet;
		this.window = window;
		this.busy = busy;
	}

	@Override
	public Tally call() {
		long begin = System.nanoTime();
		while (!this.window.isOver(begin)) {
			call(this.window.contains(begin), begin);
			begin = System.nanoTime();
		}
		this.busy.countDown();
		while (this.busy.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
			call(false, System.nanoTime());
		}
		return this.tally;
	}

	private void call(boolean measured, long begin) {
		TransactionBody body = this.dataSet.next();
		Attempts attempts = new Attempts();
		try {
			call((connection, lock) -> {
				attempts.count++;
				body.run(connection, lock);
			});
			long end = System.nanoTime();
			this.tally.committed(this.window.contains(end));
			if (measured) {
				this.tally.succeeded(end - begin, attempts.count);
			}
		}
		catch (Exception ex) {
			this.tally.failed(ex, measured, attempts.count);
		}
	}

	private void call(TransactionBody body) throws SQLException {
		switch (this.method) {
			case FIRST -> this.calls.first(body);
			case SECOND -> this.calls.second(body);
		}
	}

	/**
	 * Counts the attempts of one call.
	 */
	private static final class Attempts {

		private int count;

	}

}
