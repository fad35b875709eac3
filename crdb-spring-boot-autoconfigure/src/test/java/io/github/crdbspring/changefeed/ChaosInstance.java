package io.github.crdbspring.changefeed;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.changefeed.source.FeedConnections;
import io.github.crdbspring.changefeed.source.SqlChangefeedSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.PersistentCockroach;
import io.github.crdbspring.test.WireProxy;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * An instance of an application whose listener adds to a sum, and what lies between it
 * and the server.
 */
final class ChaosInstance implements AutoCloseable {

	static final Duration LEASE = Duration.ofSeconds(3);

	private static final ChangefeedSettings.Pauses PAUSES = new ChangefeedSettings.Pauses(Duration.ofMillis(20),
			Duration.ofMillis(500));

	private static final ChangefeedSettings SETTINGS = new ChangefeedSettings(Duration.ofMillis(500), LEASE, 100_000,
			64L << 20, Duration.ofSeconds(1), Duration.ofSeconds(5), PAUSES, PAUSES);

	final WireProxy proxy;

	final CrdbChangefeedContainer container;

	private final HikariDataSource pool;

	private ChaosInstance(WireProxy proxy, HikariDataSource pool, CrdbChangefeedContainer container) {
		this.proxy = proxy;
		this.pool = pool;
		this.container = container;
	}

	/**
	 * Start an instance.
	 * @param node the server
	 * @param listener the id of the listener
	 * @param counts is told how it fares
	 */
	static ChaosInstance start(PersistentCockroach node, String listener, Counts counts) throws IOException {
		WireProxy proxy = node.proxy();
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:" + node.url("defaultdb", proxy));
		pool.setUsername("root");
		pool.setMaximumPoolSize(5);
		pool.setMinimumIdle(0);
		pool.setConnectionTimeout(2_000);
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		JdbcClient jdbc = JdbcClient.create(dataSource);
		StutteringSource source = new StutteringSource(
				new SqlChangefeedSource(dataSource, FeedConnections.like(dataSource)));
		CrdbChangefeedContainer container = CrdbChangefeedContainer.builder(ChangefeedFixture.template(dataSource))
			.id(listener)
			.tables("chaos")
			.before(true)
			.settings(SETTINGS)
			.source(source)
			.observers(List.of(counts))
			.onTransaction(ChangefeedFixture.map(), (events) -> {
				counts.calls.incrementAndGet();
				// Rows that a schema change has rewritten are no new ones
				long added = events.stream().filter((event) -> event.operation() == Operation.INSERT).count();
				if (added > 0) {
					jdbc.sql("UPDATE total SET amount = amount + ? WHERE listener = ?")
						.params(added, listener)
						.update();
					jdbc.sql("INSERT INTO chaos_seen (batch, n) VALUES (?, ?)")
						.params(((Number) events.get(0).after().get("batch")).longValue(), added)
						.update();
				}
			})
			.build();
		container.start();
		return new ChaosInstance(proxy, pool, container);
	}

	/**
	 * End the instance as a process that is killed does, of which the server sees no more
	 * than that its connections are gone.
	 */
	void kill() throws IOException {
		this.proxy.close();
		this.container.stop();
		this.pool.close();
	}

	@Override
	public void close() throws IOException {
		this.container.stop();
		this.pool.close();
		this.proxy.close();
	}

	/**
	 * Counts over all instances.
	 */
	static final class Counts implements ChangefeedObserver {

		final AtomicInteger calls = new AtomicInteger();

		final AtomicInteger duplicates = new AtomicInteger();

		final AtomicInteger restarts = new AtomicInteger();

		@Override
		public void duplicate(String listener) {
			this.duplicates.incrementAndGet();
		}

		@Override
		public void restarted(String listener, String reason) {
			this.restarts.incrementAndGet();
		}

	}

}
