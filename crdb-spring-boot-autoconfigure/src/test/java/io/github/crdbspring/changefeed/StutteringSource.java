package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends some rows of a server's feed twice, also after later ones and after resolved
 * timestamps, as a server may do at any time and does not on demand.
 */
final class StutteringSource implements ChangefeedSource {

	private static final int REMEMBERED = 100;

	private final ChangefeedSource source;

	private final AtomicInteger repeated = new AtomicInteger();

	StutteringSource(ChangefeedSource source) {
		this.source = source;
	}

	int repeated() {
		return this.repeated.get();
	}

	@Override
	public Feed open(Request request) throws SQLException {
		return new StutteringFeed(this.source.open(request));
	}

	@Override
	public List<String> keyColumns(String table) throws SQLException {
		return this.source.keyColumns(table);
	}

	@Override
	public BigDecimal timestamp(List<String> tables, @Nullable String systemTime) throws SQLException {
		return this.source.timestamp(tables, systemTime);
	}

	/**
	 * A feed that is open.
	 */
	private final class StutteringFeed implements Feed {

		private final Feed feed;

		private final Random random = new Random(18);

		private final Deque<Row> sent = new ArrayDeque<>();

		private boolean repeat;

		StutteringFeed(Feed feed) {
			this.feed = feed;
		}

		@Override
		public Row next() throws SQLException {
			if (this.repeat) {
				this.repeat = false;
				StutteringSource.this.repeated.incrementAndGet();
				return new ArrayList<>(this.sent).get(this.random.nextInt(this.sent.size()));
			}
			Row row = this.feed.next();
			if (row.table() != null) {
				this.sent.add(row);
				if (this.sent.size() > REMEMBERED) {
					this.sent.remove();
				}
			}
			this.repeat = !this.sent.isEmpty() && this.random.nextInt(10) == 0;
			return row;
		}

		@Override
		public void close() {
			this.feed.close();
		}

	}

}
