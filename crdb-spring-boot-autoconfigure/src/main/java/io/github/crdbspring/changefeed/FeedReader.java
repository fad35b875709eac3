package io.github.crdbspring.changefeed;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens a feed and reads it, on a thread of its own: a read can be ended from outside
 * only by closing its connection. As long as the rows that nobody has fetched yet are too
 * many, it does not read on, and the server waits.
 */
final class FeedReader implements Runnable, AutoCloseable {

	private static final int MAX_ROWS = 1_000;

	private final ChangefeedSource source;

	private final ChangefeedSource.Request request;

	private final long maxBytes;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Deque<ChangefeedSource.Row> rows = new ArrayDeque<>();

	private long bytes;

	private boolean closed;

	private ChangefeedSource.@Nullable Feed feed;

	private @Nullable Throwable failure;

	FeedReader(ChangefeedSource source, ChangefeedSource.Request request, long maxBytes) {
		this.source = source;
		this.request = request;
		this.maxBytes = maxBytes;
	}

	@Override
	public void run() {
		try {
			ChangefeedSource.Feed opened = this.source.open(this.request);
			if (!use(opened)) {
				opened.close();
				return;
			}
			boolean wanted = true;
			while (wanted) {
				wanted = put(opened.next());
			}
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	private boolean use(ChangefeedSource.Feed opened) {
		this.lock.lock();
		try {
			this.feed = opened;
			return !this.closed;
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean put(ChangefeedSource.Row row) throws InterruptedException {
		this.lock.lock();
		try {
			while (!this.closed && (this.rows.size() >= MAX_ROWS || this.bytes >= this.maxBytes)) {
				this.changed.await();
			}
			this.rows.add(row);
			this.bytes += row.size();
			this.changed.signalAll();
			return !this.closed;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void fail(Throwable ex) {
		this.lock.lock();
		try {
			this.failure = ex;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait for the next row.
	 * @return the row, {@code null} if none came in time
	 * @throws SQLException if the feed has ended, and all rows before that were fetched
	 */
	ChangefeedSource.@Nullable Row poll(Duration timeout) throws SQLException, InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long nanos = timeout.toNanos();
			while (this.rows.isEmpty() && this.failure == null && !this.closed && nanos > 0) {
				nanos = this.changed.awaitNanos(nanos);
			}
			ChangefeedSource.Row row = this.rows.poll();
			if (row != null) {
				this.bytes -= row.size();
				this.changed.signalAll();
				return row;
			}
			rethrow();
			return null;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void rethrow() throws SQLException {
		if (this.failure instanceof SQLException ex) {
			throw ex;
		}
		if (this.failure instanceof RuntimeException ex) {
			throw ex;
		}
		if (this.failure instanceof Error ex) {
			throw ex;
		}
	}

	int size() {
		this.lock.lock();
		try {
			return this.rows.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * End the feed, and the thread with it.
	 */
	@Override
	public void close() {
		ChangefeedSource.Feed opened;
		this.lock.lock();
		try {
			this.closed = true;
			opened = this.feed;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		if (opened != null) {
			opened.close();
		}
	}

}
