package io.github.crdbspring.changefeed;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * A row as it came out of a feed, of which no more was looked at than its time.
 *
 * @param table the name of the table
 * @param key the key, a JSON array
 * @param before the row before, a JSON object, {@code null} if there is none
 * @param after the row after, a JSON object, {@code null} if there is none
 * @param hasBefore whether the feed tells what a row was before
 * @param timestamp the time of the commit
 * @param scan whether it belongs to an initial scan
 */
record FeedRow(String table, String key, @Nullable String before, @Nullable String after, boolean hasBefore,
		BigDecimal timestamp, boolean scan) {

	// Objects, references and headers around the texts
	private static final int OVERHEAD = 200;

	/**
	 * Return what tells it from the other rows of its transaction, which orders those of
	 * a scan, too.
	 */
	String id() {
		return this.table + ' ' + this.key;
	}

	long size() {
		return OVERHEAD + (long) this.key.length() + length(this.before) + length(this.after);
	}

	/**
	 * Whether the row was written without being changed, as a schema change does. Known
	 * only where rows come with what they were before.
	 */
	boolean isUnchanged() {
		return this.before != null && this.before.equals(this.after);
	}

	private static int length(@Nullable String text) {
		return (text != null) ? text.length() : 0;
	}

}
