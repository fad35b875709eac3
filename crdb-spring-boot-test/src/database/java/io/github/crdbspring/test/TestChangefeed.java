package io.github.crdbspring.test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;

/**
 * A changefeed that a test fills by hand: listeners with {@code @CrdbChangefeedListener}
 * get what is put in, as if a server had sent it. It needs no server that has
 * changefeeds.
 *
 * <pre class="code">
 * &#64;CrdbTest(properties = "crdb.changefeed.initialize-schema=always")
 * &#64;Import({ TestChangefeed.class, PaymentListener.class })
 * class PaymentListenerTests {
 *
 *     &#64;Test
 *     void aDuplicateIsIgnored(&#64;Autowired TestChangefeed feed) {
 *         feed.insert("payment", 1, "{\\"id\\": 1}").duplicate().resolved();
 *         …
 *     }
 *
 * }
 * </pre>
 *
 * Each row is of a transaction of its own, a second after the one before, unless
 * {@link #sameTransaction()} or {@link #at(long)} comes between. A listener that keeps a
 * position gets rows when a timestamp is {@link #resolved()}. What is put in stays, and
 * who opens the feed again gets what comes after its position, as from a server.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class TestChangefeed implements ChangefeedSource {

	private static final BigDecimal BEGIN = new BigDecimal("1700000000000000000.0000000000");

	private static final BigDecimal SECOND = new BigDecimal("1000000000");

	private final Object monitor = new Object();

	private final List<Entry> log = new ArrayList<>();

	private final Map<String, List<String>> keyColumns = new ConcurrentHashMap<>();

	private final List<Request> requests = new ArrayList<>();

	private BigDecimal now = BEGIN;

	private BigDecimal serverTime = BEGIN;

	private volatile @Nullable Duration retention;

	private boolean sameTime;

	private int read;

	/**
	 * Put in a row that was inserted. A listener that does not ask for the state before
	 * takes it for one that was written.
	 * @param table the table
	 * @param key the key: a number or text, or a list of them
	 * @param row the row's new state, a JSON object
	 * @return this
	 */
	public TestChangefeed insert(String table, Object key, String row) {
		return put(table, key, "\"after\": " + row, ", \"before\": null");
	}

	/**
	 * Put in a row that was changed.
	 * @param table the table
	 * @param key the key: a number or text, or a list of them
	 * @param before the row's state before, a JSON object
	 * @param row the row's new state, a JSON object
	 * @return this
	 */
	public TestChangefeed update(String table, Object key, String before, String row) {
		return put(table, key, "\"after\": " + row + ", \"before\": " + before, "");
	}

	/**
	 * Put in a row that was deleted.
	 * @param table the table
	 * @param key the key: a number or text, or a list of them
	 * @return this
	 */
	public TestChangefeed delete(String table, Object key) {
		return put(table, key, "\"after\": null", ", \"before\": null");
	}

	/**
	 * Have the next row be of the same transaction as the last one.
	 * @return this
	 */
	public TestChangefeed sameTransaction() {
		synchronized (this.monitor) {
			this.sameTime = true;
		}
		return this;
	}

	/**
	 * Have the next row, or the next resolved timestamp, be of another time than a second
	 * after the one before: rows of different keys come in any order.
	 * @param seconds the seconds since the beginning
	 * @return this
	 */
	public TestChangefeed at(long seconds) {
		synchronized (this.monitor) {
			this.now = time(seconds);
			this.sameTime = true;
		}
		return this;
	}

	/**
	 * Return the time of rows that are put in {@link #at(long)} some seconds.
	 * @param seconds the seconds since the beginning
	 * @return nanoseconds, as in {@code ChangeEvent.timestamp()}
	 */
	public static BigDecimal time(long seconds) {
		return BEGIN.add(SECOND.multiply(BigDecimal.valueOf(seconds)));
	}

	/**
	 * Say what time it is for a listener that starts without a position. Without this it
	 * is the beginning, so that one that starts late misses nothing.
	 * @param seconds the seconds since the beginning
	 * @return this
	 */
	public TestChangefeed serverTime(long seconds) {
		synchronized (this.monitor) {
			this.serverTime = time(seconds);
		}
		return this;
	}

	/**
	 * Say how far behind a listener may be, as the tables' {@code gc.ttlseconds} does.
	 * Told when the feed is opened.
	 * @param retention how long what is past is kept
	 * @return this feed
	 */
	public TestChangefeed retention(Duration retention) {
		this.retention = retention;
		return this;
	}

	/**
	 * Put in the last row once more, as a server does after a failure of its own.
	 * @return this
	 * @throws IllegalStateException if there is none
	 */
	public TestChangefeed duplicate() {
		synchronized (this.monitor) {
			for (int i = this.log.size() - 1; i >= 0; i--) {
				Row row = this.log.get(i).row();
				if (row != null && row.table() != null) {
					return add(this.log.get(i));
				}
			}
		}
		throw new IllegalStateException("There is no row yet that could come twice");
	}

	/**
	 * Put in a resolved timestamp: all rows until now have been sent.
	 * @return this
	 */
	public TestChangefeed resolved() {
		synchronized (this.monitor) {
			advance();
			Row row = new Row(null, null, bytes("{\"resolved\": \"" + this.now + "\"}"));
			return add(new Entry(this.now, row, row, null));
		}
	}

	/**
	 * Have the feed fail once, when it has come this far.
	 * @param sqlState the SQLSTATE, such as {@code 57P01} of a node that shuts down
	 * @param message the message
	 * @return this
	 */
	public TestChangefeed fail(String sqlState, String message) {
		synchronized (this.monitor) {
			return add(new Entry(this.now, null, null, new SQLException(message, sqlState)));
		}
	}

	/**
	 * Say what the key of a table consists of, where that is not {@code id}.
	 * @param table the table
	 * @param columns the columns, in the order of the key
	 * @return this
	 */
	public TestChangefeed key(String table, String... columns) {
		this.keyColumns.put(table, List.of(columns));
		return this;
	}

	/**
	 * Return what was asked for, each time that the feed was opened.
	 * @return the requests, in their order
	 */
	public List<Request> requests() {
		synchronized (this.monitor) {
			return List.copyOf(this.requests);
		}
	}

	/**
	 * Return whether everything that was put in has been sent to whoever opened the feed
	 * last.
	 * @return {@code true} if nothing is left
	 */
	public boolean isRead() {
		synchronized (this.monitor) {
			return this.read >= this.log.size();
		}
	}

	/**
	 * Put in a row.
	 * @param before what is sent, too, if the state before was asked for
	 */
	private TestChangefeed put(String table, Object key, String content, String before) {
		synchronized (this.monitor) {
			advance();
			return add(new Entry(this.now, row(table, key, content), row(table, key, content + before), null));
		}
	}

	private Row row(String table, Object key, String content) {
		return new Row(table, bytes(json(key)), bytes("{" + content + ", \"updated\": \"" + this.now + "\"}"));
	}

	private void advance() {
		if (!this.sameTime) {
			this.now = this.now.add(SECOND);
		}
		this.sameTime = false;
	}

	private TestChangefeed add(Entry entry) {
		synchronized (this.monitor) {
			this.log.add(entry);
			this.monitor.notifyAll();
		}
		return this;
	}

	private static String json(Object key) {
		List<?> columns = (key instanceof List<?> list) ? list : List.of(key);
		return columns.stream()
			.map((column) -> (column instanceof Number) ? column.toString() : "\"" + column + "\"")
			.collect(Collectors.joining(", ", "[", "]"));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public Feed open(Request request) {
		synchronized (this.monitor) {
			this.requests.add(request);
		}
		return new OpenFeed(request);
	}

	@Override
	public List<String> keyColumns(String table) {
		return this.keyColumns.getOrDefault(table, List.of("id"));
	}

	@Override
	public BigDecimal timestamp(List<String> tables, @Nullable String systemTime) {
		synchronized (this.monitor) {
			return this.serverTime;
		}
	}

	@Override
	public @Nullable Duration retention(List<String> tables) {
		return this.retention;
	}

	/**
	 * Something that was put in.
	 */
	private static final class Entry {

		private final BigDecimal time;

		private final @Nullable Row row;

		private final @Nullable Row rowWithBefore;

		private @Nullable SQLException failure;

		Entry(BigDecimal time, @Nullable Row row, @Nullable Row rowWithBefore, @Nullable SQLException failure) {
			this.time = time;
			this.row = row;
			this.rowWithBefore = rowWithBefore;
			this.failure = failure;
		}

		@Nullable Row row() {
			return this.row;
		}

		@Nullable Row row(Request request) {
			return request.before() ? this.rowWithBefore : this.row;
		}

		boolean isFor(Request request) {
			int order = this.time.compareTo(request.cursor());
			return order > 0 || (order == 0 && request.initialScan());
		}

		/**
		 * Return the failure, the first time.
		 */
		@Nullable SQLException takeFailure() {
			SQLException taken = this.failure;
			this.failure = null;
			return taken;
		}

	}

	/**
	 * A feed that is open.
	 */
	private final class OpenFeed implements Feed {

		private final Request request;

		private int next;

		private boolean closed;

		OpenFeed(Request request) {
			this.request = request;
		}

		@Override
		public Row next() throws SQLException {
			synchronized (TestChangefeed.this.monitor) {
				while (true) {
					Entry entry = take();
					SQLException failure = entry.takeFailure();
					if (failure != null) {
						throw failure;
					}
					Row row = entry.row(this.request);
					if (row != null && entry.isFor(this.request)) {
						return row;
					}
				}
			}
		}

		private Entry take() throws SQLException {
			while (!this.closed && this.next >= TestChangefeed.this.log.size()) {
				try {
					TestChangefeed.this.monitor.wait();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new SQLException("Interrupted while waiting for a row", "08003", ex);
				}
			}
			if (this.closed) {
				throw new SQLException("The feed is closed", "08003");
			}
			Entry entry = TestChangefeed.this.log.get(this.next++);
			TestChangefeed.this.read = this.next;
			return entry;
		}

		@Override
		public void close() {
			synchronized (TestChangefeed.this.monitor) {
				this.closed = true;
				TestChangefeed.this.monitor.notifyAll();
			}
		}

	}

}
