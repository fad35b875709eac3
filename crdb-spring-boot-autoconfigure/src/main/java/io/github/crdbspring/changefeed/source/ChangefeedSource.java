package io.github.crdbspring.changefeed.source;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Where rows of changefeeds come from: a server, or in tests a feed that is filled by
 * hand. Infrastructure of this library, and of its test kit. Implementations are
 * thread-safe.
 *
 * @since 0.1.0
 */
public interface ChangefeedSource {

	/**
	 * Open a feed. Returns before the first row comes.
	 * @param request what to open
	 * @return the feed, to be read by one thread
	 * @throws SQLException if that fails; whether trying again helps is for
	 * {@link FeedFailure#of(Throwable)} to say
	 */
	Feed open(Request request) throws SQLException;

	/**
	 * Find the names of a table's key columns, in the order of the key.
	 * @param table the table, as in the feed's rows
	 * @return column names, empty if they are not known
	 * @throws SQLException if that fails
	 */
	List<String> keyColumns(String table) throws SQLException;

	/**
	 * Return a time of the server's hybrid logical clock, to start a feed from. Fails if
	 * one of its tables does not exist, which is nothing to start from.
	 * @param tables the names of the tables
	 * @param systemTime an expression for {@code AS OF SYSTEM TIME} that has been parsed,
	 * {@code null} for the present
	 * @return nanoseconds since the epoch, and a logical part after the decimal point
	 * @throws SQLException if that fails
	 */
	BigDecimal timestamp(List<String> tables, @Nullable String systemTime) throws SQLException;

	/**
	 * Find out for how long the server keeps what is past, which is how far behind a feed
	 * may be.
	 * @param tables the names of the tables
	 * @return the shortest time of them, {@code null} if it is not known
	 * @throws SQLException if that fails
	 */
	default @Nullable Duration retention(List<String> tables) throws SQLException {
		return null;
	}

	/**
	 * What to open.
	 *
	 * @param listener the id of the listener
	 * @param tables the names of the tables, empty if there is a query
	 * @param query the query of the feed, {@code null} if there are tables
	 * @param before whether each row comes with what it was before
	 * @param cursor the time after which changes are read
	 * @param initialScan whether to read first what the tables hold at that time
	 * @param resolvedInterval how often resolved timestamps are wanted
	 */
	record Request(String listener, List<String> tables, @Nullable String query, boolean before, BigDecimal cursor,
			boolean initialScan, Duration resolvedInterval) {

	}

	/**
	 * A feed that is open.
	 */
	interface Feed extends AutoCloseable {

		/**
		 * Wait for the next row.
		 * @return the row
		 * @throws SQLException if the feed has ended, in whichever way
		 */
		Row next() throws SQLException;

		/**
		 * End the feed, at once and without waiting for the server. Called by any thread,
		 * also while another one waits in {@link #next()}, which then fails.
		 */
		@Override
		void close();

	}

	/**
	 * A row of a feed.
	 *
	 * @param table the name of the table, {@code null} for a resolved timestamp
	 * @param key a JSON array, {@code null} for a resolved timestamp
	 * @param value a JSON object in the format of CockroachDB's wrapped envelope
	 */
	record Row(@Nullable String table, byte @Nullable [] key, byte[] value) {

		/**
		 * Return how much of memory the row takes, roughly.
		 * @return a number of bytes
		 */
		public int size() {
			return this.value.length + ((this.key != null) ? this.key.length : 0);
		}

	}

}
