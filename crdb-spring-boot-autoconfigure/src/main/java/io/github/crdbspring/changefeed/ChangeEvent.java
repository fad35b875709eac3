package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A change of one row.
 *
 * @param table the name of the table, without its schema
 * @param key the columns of the primary key by name
 * @param before the row before the change; {@code null} if it is new, or if the listener
 * has not asked for it with {@code before = true}
 * @param after the row after the change, {@code null} if it was deleted
 * @param operation what has happened to the row
 * @param timestamp the time of the commit on the server's hybrid logical clock:
 * nanoseconds since the epoch, and a logical part after the decimal point. All rows of a
 * transaction have the same one
 * @param initialScan whether nothing has happened to the row, and it is what the initial
 * scan has found
 * @param <T> the type of a row
 * @since 0.1.0
 */
public record ChangeEvent<T>(String table, Map<String, Object> key, @Nullable T before, @Nullable T after,
		Operation operation, BigDecimal timestamp, boolean initialScan) {

	/**
	 * Return the time of the commit.
	 * @return the timestamp without its logical part
	 */
	public Instant instant() {
		return Instant.ofEpochSecond(0, this.timestamp.longValue());
	}

}
