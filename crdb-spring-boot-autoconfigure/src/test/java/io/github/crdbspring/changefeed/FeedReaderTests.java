package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FeedReader}.
 */
class FeedReaderTests {

	private final AtomicInteger read = new AtomicInteger();

	private final ChangefeedSource.Request request = new ChangefeedSource.Request("x", List.of("t"), null, false,
			BigDecimal.ONE, false, Duration.ofSeconds(1));

	@Test
	void readingStopsWhileNobodyFetches() throws Exception {
		FeedReader reader = new FeedReader(new Endless(100), this.request, 1 << 20);
		Thread thread = start(reader);
		ChangefeedFixture.await(() -> this.read.get() >= 1_000);
		Thread.sleep(50);
		assertThat(this.read.get()).as("of a million").isLessThanOrEqualTo(1_001);
		for (int i = 0; i < 100; i++) {
			assertThat(reader.poll(Duration.ofSeconds(1))).isNotNull();
		}
		ChangefeedFixture.await(() -> this.read.get() >= 1_100);
		reader.close();
		thread.join(5_000);
		assertThat(thread.isAlive()).isFalse();
	}

	@Test
	void largeRowsCountByTheirSize() throws Exception {
		FeedReader reader = new FeedReader(new Endless(100_000), this.request, 1 << 20);
		Thread thread = start(reader);
		ChangefeedFixture.await(() -> this.read.get() >= 11);
		Thread.sleep(50);
		assertThat(this.read.get()).isLessThanOrEqualTo(12);
		reader.close();
		thread.join(5_000);
		assertThat(thread.isAlive()).isFalse();
	}

	private static Thread start(FeedReader reader) {
		Thread thread = new Thread(reader);
		thread.start();
		return thread;
	}

	/**
	 * A feed that always has another row.
	 */
	private final class Endless implements ChangefeedSource, ChangefeedSource.Feed {

		private final byte[] value;

		Endless(int size) {
			this.value = new byte[size];
		}

		@Override
		public Feed open(Request request) {
			return this;
		}

		@Override
		public List<String> keyColumns(String table) {
			return List.of();
		}

		@Override
		public BigDecimal timestamp(List<String> tables, @Nullable String systemTime) {
			return BigDecimal.ONE;
		}

		@Override
		public Row next() throws SQLException {
			FeedReaderTests.this.read.incrementAndGet();
			return new Row("t", new byte[0], this.value);
		}

		@Override
		public void close() {
		}

	}

}
