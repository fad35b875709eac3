package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;

/**
 * A feed that is filled by hand. Whoever opens it gets what was put in, in that order, as
 * far as it comes after the cursor.
 */
public final class FakeFeed implements ChangefeedSource {

	public final List<Request> requests = new CopyOnWriteArrayList<>();

	private final List<Entry> log = new CopyOnWriteArrayList<>();

	private final Set<Entry> thrown = ConcurrentHashMap.newKeySet();

	private volatile int read;

	private volatile BigDecimal now = time(0);

	public static BigDecimal time(long tick) {
		return new BigDecimal("1700000000000000000.0000000000").add(BigDecimal.valueOf(tick * 1_000_000_000L));
	}

	public FakeFeed insert(long tick, String table, Object key, String after) {
		return row(tick, table, "[" + key + "]", "\"after\": " + after);
	}

	public FakeFeed update(long tick, String table, Object key, String before, String after) {
		return row(tick, table, "[" + key + "]", "\"after\": " + after + ", \"before\": " + before);
	}

	public FakeFeed delete(long tick, String table, Object key) {
		return row(tick, table, "[" + key + "]", "\"after\": null");
	}

	private FakeFeed row(long tick, String table, String key, String content) {
		this.log.add(new Entry(tick,
				new Row(table, bytes(key), bytes("{" + content + ", \"updated\": \"" + time(tick) + "\"}")), null));
		return this;
	}

	public FakeFeed resolved(long tick) {
		this.log.add(new Entry(tick, new Row(null, null, bytes("{\"resolved\":\"" + time(tick) + "\"}")), null));
		return this;
	}

	/**
	 * Fail once.
	 */
	public FakeFeed fail(String message, String sqlState) {
		this.log.add(new Entry(0, null, new SQLException(message, sqlState)));
		return this;
	}

	public FakeFeed now(long tick) {
		this.now = time(tick);
		return this;
	}

	public boolean isDrained() {
		return this.read >= this.log.size();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public Feed open(Request request) {
		this.requests.add(request);
		return new FakeOpenFeed(request);
	}

	@Override
	public List<String> keyColumns(String table) {
		return List.of("id");
	}

	@Override
	public BigDecimal timestamp(List<String> tables, @Nullable String systemTime) {
		return this.now;
	}

	/**
	 * Something that was put in.
	 */
	private record Entry(long tick, @Nullable Row row, @Nullable SQLException failure) {

		boolean isFor(Request request) {
			int order = time(this.tick).compareTo(request.cursor());
			return order > 0 || (order == 0 && request.initialScan());
		}

	}

	/**
	 * A feed that is open.
	 */
	private final class FakeOpenFeed implements Feed {

		private final Request request;

		private int index;

		private volatile boolean closed;

		FakeOpenFeed(Request request) {
			this.request = request;
		}

		@Override
		public Row next() throws SQLException {
			while (true) {
				Entry entry = take();
				if (entry.failure() != null) {
					if (FakeFeed.this.thrown.add(entry)) {
						throw entry.failure();
					}
				}
				else if (entry.isFor(this.request)) {
					return entry.row();
				}
			}
		}

		private Entry take() throws SQLException {
			while (this.index >= FakeFeed.this.log.size()) {
				try {
					Thread.sleep(5);
				}
				catch (InterruptedException ex) {
					throw new SQLException("interrupted", "08003", ex);
				}
				if (this.closed) {
					throw new SQLException("closed", "08003");
				}
			}
			Entry entry = FakeFeed.this.log.get(this.index++);
			FakeFeed.this.read = this.index;
			return entry;
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

}
