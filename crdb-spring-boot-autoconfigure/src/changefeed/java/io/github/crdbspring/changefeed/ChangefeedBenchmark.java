package io.github.crdbspring.changefeed;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.PersistentCockroach;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Measures what a listener adds to a changefeed: the time from COMMIT to the method, and
 * how many rows a second it gets beside plain JDBC that reads the same feed, on a node of
 * its own with files, which nobody else uses.
 */
public final class ChangefeedBenchmark implements AutoCloseable {

	private static final int ROWS = Integer.getInteger("changefeed.benchmark.rows", 50_000);

	private static final int ROUNDS = Integer.getInteger("changefeed.benchmark.rounds", 3);

	private static final Duration PATIENCE = Duration.ofMinutes(10);

	private final PrintStream out = System.out;

	private final PersistentCockroach node;

	private final HikariDataSource pool = new HikariDataSource();

	private final CrdbDataSource dataSource;

	private final JdbcClient jdbc;

	private int listeners;

	private ChangefeedBenchmark(PersistentCockroach node) {
		this.node = node;
		this.pool.setJdbcUrl("jdbc:" + node.url("defaultdb"));
		this.pool.setUsername("root");
		this.dataSource = new CrdbDataSource(this.pool);
		this.jdbc = JdbcClient.create(this.dataSource);
	}

	/**
	 * Run the benchmark.
	 * @param args none
	 * @throws Exception if there is no {@code cockroach} executable, or a row is lost
	 */
	public static void main(String[] args) throws Exception {
		PersistentCockroach node = new PersistentCockroach();
		node.start();
		try (ChangefeedBenchmark benchmark = new ChangefeedBenchmark(node)) {
			benchmark.run();
		}
	}

	private void run() throws Exception {
		this.out.println(this.dataSource.getServerInfo().description() + ", JDK " + Runtime.version().feature() + ", "
				+ Runtime.getRuntime().availableProcessors() + " processors");
		sql("SET CLUSTER SETTING kv.rangefeed.enabled = true");
		new ResourceDatabasePopulator(new ClassPathResource("schema-cockroachdb.sql", ChangefeedState.class))
			.execute(this.dataSource);
		sql("CREATE TABLE measured (batch INT8, id INT8, note STRING, PRIMARY KEY (batch, id))");
		latency("ARRIVAL, as the server is", Delivery.ARRIVAL, 100, 20);
		latency("RESOLVED, as the server is", Delivery.RESOLVED, 60, 100);
		// How often a feed looks for schema changes, before which it sends nothing
		sql("SET CLUSTER SETTING changefeed.experimental_poll_interval = '10ms'");
		latency("ARRIVAL, changefeed.experimental_poll_interval = 10ms", Delivery.ARRIVAL, 300, 20);
		sql("SET CLUSTER SETTING kv.closed_timestamp.target_duration = '200ms'");
		latency("RESOLVED, and kv.closed_timestamp.target_duration = 200ms", Delivery.RESOLVED, 100, 100);
		sql("RESET CLUSTER SETTING changefeed.experimental_poll_interval");
		throughput();
	}

	private void latency(String title, Delivery delivery, int rows, long pause) throws InterruptedException {
		ConcurrentHashMap<Long, Long> sent = new ConcurrentHashMap<>();
		List<Long> millis = new ArrayList<>();
		CountDownLatch received = new CountDownLatch(rows);
		sql("DELETE FROM measured");
		CrdbChangefeedContainer container = container(delivery, null, (events) -> events.forEach((event) -> {
			Long begin = sent.get(id(event));
			if (begin != null && event.operation() != Operation.DELETE) {
				millis.add(System.nanoTime() - begin);
				received.countDown();
			}
		}));
		try {
			awaitRunning(container);
			for (long id = 1; id <= rows; id++) {
				TimeUnit.MILLISECONDS.sleep(pause);
				// From the statement that commits, not from the answer to it
				sent.put(id, System.nanoTime());
				this.jdbc.sql("INSERT INTO measured VALUES (0, ?, 'x')").param(id).update();
			}
			await(received);
		}
		finally {
			container.stop();
		}
		long[] sorted = millis.stream().mapToLong(Long::longValue).sorted().toArray();
		this.out.printf("latency %s: p50 %.1f ms, p90 %.1f ms, max %.1f ms (%d rows)%n", title,
				sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 9 / 10] / 1e6, sorted[sorted.length - 1] / 1e6,
				sorted.length);
	}

	private static long id(ChangeEvent<String> event) {
		return ((Number) event.key().get("id")).longValue();
	}

	private void throughput() throws Exception {
		BigDecimal begin = this.jdbc.sql("SELECT cluster_logical_timestamp()").query(BigDecimal.class).single();
		int transactions = write();
		BigDecimal end = this.jdbc.sql("SELECT cluster_logical_timestamp()").query(BigDecimal.class).single();
		double[] ratios = new double[ROUNDS];
		for (int i = 0; i < ROUNDS; i++) {
			double plain = ROWS / plain(begin, end);
			double delivered = ROWS / delivered(begin);
			ratios[i] = delivered / plain;
			this.out.printf(
					"throughput: %d rows in %d transactions, plain JDBC %.0f rows/s, RESOLVED %.0f rows/s, ratio %.2f%n",
					ROWS, transactions, plain, delivered, ratios[i]);
		}
		Arrays.sort(ratios);
		this.out.printf("throughput: median ratio %.2f%n", ratios[ROUNDS / 2]);
	}

	private int write() {
		Random sizes = new Random(18);
		int batch = 0;
		int rows = 0;
		while (rows < ROWS) {
			int size = Math.min(1 + sizes.nextInt(50), ROWS - rows);
			this.jdbc.sql("INSERT INTO measured SELECT ?, i, 'something to be read' FROM generate_series(1, ?) AS g(i)")
				.params(++batch, size)
				.update();
			rows += size;
		}
		return batch;
	}

	/**
	 * Read the feed as one would by hand: up to the resolved timestamp after which
	 * nothing is missing.
	 */
	private double plain(BigDecimal begin, BigDecimal end) throws SQLException {
		long start = System.nanoTime();
		int rows = PlainReader.read(this.node.url("defaultdb"), begin, end);
		if (rows < ROWS) {
			throw new IllegalStateException("Plain JDBC has read " + rows + " rows only");
		}
		return (System.nanoTime() - start) / 1e9;
	}

	private double delivered(BigDecimal begin) throws InterruptedException {
		CountDownLatch received = new CountDownLatch(ROWS);
		long start = System.nanoTime();
		CrdbChangefeedContainer container = container(Delivery.RESOLVED, begin,
				(events) -> events.forEach((event) -> received.countDown()));
		try {
			await(received);
			return (System.nanoTime() - start) / 1e9;
		}
		finally {
			container.stop();
		}
	}

	private CrdbChangefeedContainer container(Delivery delivery, BigDecimal from,
			Consumer<List<ChangeEvent<String>>> listener) {
		String id = "benchmark" + this.listeners++;
		this.jdbc.sql("INSERT INTO crdb_changefeed_offset (listener, resolved, epoch) VALUES (?, ?, 0)")
			.params(id, from)
			.update();
		CrdbChangefeedContainer container = CrdbChangefeedContainer.builder(ChangefeedFixture.template(this.dataSource))
			.id(id)
			.tables("measured")
			.delivery(delivery)
			.onTransaction(String.class, listener)
			.build();
		container.start();
		return container;
	}

	private static void awaitRunning(CrdbChangefeedContainer container) {
		ChangefeedFixture.await(PATIENCE, () -> container.getStatus().state() == ChangefeedState.RUNNING);
	}

	private static void await(CountDownLatch latch) throws InterruptedException {
		if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
			throw new IllegalStateException(latch.getCount() + " rows have not come");
		}
	}

	private void sql(String sql) {
		this.jdbc.sql(sql).update();
	}

	@Override
	public void close() throws Exception {
		this.pool.close();
		this.node.close();
	}

}
