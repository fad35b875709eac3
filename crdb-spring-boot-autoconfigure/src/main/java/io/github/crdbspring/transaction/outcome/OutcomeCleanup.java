package io.github.crdbspring.transaction.outcome;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import io.github.crdbspring.jdbc.ConnectionOrigin;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Deletes the rows of old transactions, in small batches, by one of several instances at
 * a time. Goes by use: where no transaction leaves a mark, nothing happens.
 */
final class OutcomeCleanup {

	private static final Log logger = LogFactory.getLog(OutcomeCleanup.class);

	private static final int BATCH = 500;

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private final String table;

	private final Duration retention;

	private final Duration interval;

	private final AtomicLong next;

	/**
	 * Create a clean-up of one database.
	 * @param table the table's name in SQL
	 * @param retention how long rows are kept, 0 for ever
	 * @param delay the time until the first one
	 */
	OutcomeCleanup(String table, Duration retention, Duration delay) {
		this.next = new AtomicLong(System.nanoTime() + delay.toNanos());
		this.table = table;
		this.retention = retention;
		this.interval = retention.dividedBy(24);
	}

	/**
	 * A transaction leaves a mark.
	 * @param origin leads to the database
	 */
	void used(ConnectionOrigin origin) {
		if (this.retention.isZero()) {
			return;
		}
		long now = System.nanoTime();
		long time = this.next.get();
		if (now - time >= 0 && this.next.compareAndSet(time, now + this.interval.toNanos())) {
			OutcomeTable due = new OutcomeTable(origin.dataSource(), origin.url(), this.table);
			Thread thread = new Thread(() -> cleanUpQuietly(due), "crdb-outcome-cleanup");
			thread.setDaemon(true);
			thread.start();
		}
	}

	private void cleanUpQuietly(OutcomeTable due) {
		try {
			int deleted = cleanUp(due);
			logger.debug("Deleted " + deleted + " rows older than " + this.retention + " from " + due);
		}
		catch (SQLException | RuntimeException ex) {
			logger.warn("Rows older than " + this.retention + " could not be deleted from " + due
					+ "; it is tried again in " + this.interval, ex);
		}
	}

	/**
	 * Delete old rows, unless it is not the time yet or another instance does it.
	 * @return how many were deleted
	 */
	int cleanUp(OutcomeTable due) throws SQLException {
		int deleted = 0;
		if (due.takeTurn(this.interval, LIMIT)) {
			UUID last = null;
			List<UUID> batch;
			do {
				batch = due.deleteOld(this.retention, last, BATCH, LIMIT);
				deleted += batch.size();
				last = batch.isEmpty() ? null : batch.get(batch.size() - 1);
			}
			while (batch.size() == BATCH);
		}
		return deleted;
	}

}
