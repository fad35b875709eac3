package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.List;

import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The table {@code crdb_changefeed_dead_letter}: rows that a listener could not process
 * and that were put aside.
 */
final class DeadLetters {

	private static final int MAX_ERROR = 1_000;

	private final JdbcTemplate jdbc;

	private final String listener;

	DeadLetters(CrdbTransactionTemplate template, String listener) {
		this.jdbc = new JdbcTemplate(template.getDataSource());
		this.listener = listener;
	}

	/**
	 * Put the rows of one call aside, in the transaction that is active.
	 */
	void add(List<FeedRow> rows, Throwable failure) {
		String error = failure.toString();
		for (int i = 0; i < rows.size(); i++) {
			FeedRow row = rows.get(i);
			this.jdbc.update(
					"""
							INSERT INTO crdb_changefeed_dead_letter (listener, committed, number, table_name, row_key, row_before,
								row_after, has_before, scan, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
					this.listener, row.timestamp(), i, row.table(), row.key(), row.before(), row.after(),
					row.hasBefore(), row.scan(), error.substring(0, Math.min(MAX_ERROR, error.length())));
		}
	}

	/**
	 * Find the oldest call that was put aside after the given one.
	 */
	@Nullable BigDecimal next(BigDecimal after) {
		return this.jdbc.queryForObject(
				"SELECT min(committed) FROM crdb_changefeed_dead_letter WHERE listener = ? AND committed > ?",
				BigDecimal.class, this.listener, after);
	}

	/**
	 * Take the rows of a call out of the table, in the transaction that is active.
	 */
	List<FeedRow> take(BigDecimal committed) {
		List<FeedRow> rows = this.jdbc.query("""
				SELECT table_name, row_key, row_before, row_after, has_before, committed, scan
				FROM crdb_changefeed_dead_letter WHERE listener = ? AND committed = ? ORDER BY number""",
				(result, number) -> new FeedRow(result.getString(1), result.getString(2), result.getString(3),
						result.getString(4), result.getBoolean(5), result.getBigDecimal(6), result.getBoolean(7)),
				this.listener, committed);
		this.jdbc.update("DELETE FROM crdb_changefeed_dead_letter WHERE listener = ? AND committed = ?", this.listener,
				committed);
		return rows;
	}

	List<DeadLetter> list(int limit) {
		return this.jdbc.query("""
				SELECT committed, table_name, row_key, error, created_at FROM crdb_changefeed_dead_letter
				WHERE listener = ? ORDER BY committed, number LIMIT ?""",
				(result, number) -> new DeadLetter(result.getBigDecimal(1), result.getString(2), result.getString(3),
						result.getString(4), result.getObject(5, OffsetDateTime.class).toInstant()),
				this.listener, limit);
	}

}
