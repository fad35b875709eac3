package io.github.crdbspring.changefeed;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.PersistentCockroach;
import io.github.crdbspring.test.WireProxy;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two instances of a listener that adds to a sum, on a node of their own, while
 * everything fails that can. The number of rows is the property
 * {@code changefeed.chaos.rows}, and 0 switches it off.
 */
@EnabledIf(value = "isPossible", disabledReason = "There is no cockroach executable, or changefeed.chaos.rows is 0")
class ChangefeedChaosTests {

	private static final Log logger = LogFactory.getLog(ChangefeedChaosTests.class);

	private static final int ROWS = Integer.getInteger("changefeed.chaos.rows", 1_000);

	private static final String LISTENER = "sum";

	private static final int AHEAD = 30;

	private final Random random = new Random(18);

	private final ChaosInstance.Counts counts = new ChaosInstance.Counts();

	private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);

	private final AtomicInteger written = new AtomicInteger();

	private final List<ChaosInstance> instances = new ArrayList<>();

	private final HikariDataSource pool = new HikariDataSource();

	private PersistentCockroach node;

	private JdbcClient jdbc;

	private volatile int seen;

	static boolean isPossible() {
		return ROWS > 0 && PersistentCockroach.isAvailable();
	}

	@AfterEach
	void close() throws IOException {
		for (ChaosInstance instance : this.instances) {
			instance.close();
		}
		this.pool.close();
		this.node.close();
	}

	@Test
	void whateverFailsTheSumIsRight() throws Exception {
		create();
		this.instances.add(ChaosInstance.start(this.node, LISTENER, this.counts));
		this.instances.add(ChaosInstance.start(this.node, LISTENER, this.counts));
		ChangefeedFixture.await(() -> running() != null);
		List<Integer> written = Collections.synchronizedList(new ArrayList<>());
		CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(written));
		CompletableFuture<Void> altering = null;
		for (int i = 0; !writing.isDone() || i < Fault.values().length; i++) {
			Fault fault = Fault.values()[i % Fault.values().length];
			make(fault);
			this.faults.merge(fault, 1, Integer::sum);
			if (altering == null && this.seen > 0) {
				altering = CompletableFuture.runAsync(this::addColumn);
			}
			awaitProgress();
			Thread.sleep(this.random.nextInt(500));
		}
		writing.join();
		assertThat(altering).isNotNull();
		altering.join();
		insert(written.size(), 1);
		written.add(1);
		Awaitility.await()
			.atMost(Duration.ofMinutes(10))
			.pollInterval(Duration.ofMillis(500))
			.until(() -> seen() >= written.size());
		logger.info("Faults " + this.faults + ", transactions " + written.size() + ", calls " + this.counts.calls
				+ ", duplicates " + this.counts.duplicates + ", feeds opened again " + this.counts.restarts);
		List<Map<String, Object>> seen = this.jdbc.sql("SELECT batch, n FROM chaos_seen ORDER BY seq")
			.query()
			.listOfRows();
		assertThat(seen).as("each transaction once, whole, in the order of the commits").hasSize(written.size());
		for (int batch = 0; batch < written.size(); batch++) {
			assertThat(seen.get(batch)).isEqualTo(Map.of("batch", (long) batch, "n", (long) written.get(batch)));
		}
		assertThat(this.jdbc.sql("SELECT amount::INT8 FROM total").query(Integer.class).single()).isEqualTo(ROWS + 1);
		assertThat(this.counts.duplicates).hasPositiveValue();
		assertThat(this.counts.restarts).hasPositiveValue();
	}

	/**
	 * Faults come when the one before is overcome, so that there is something to lose; or
	 * after a while all the same.
	 */
	private void awaitProgress() {
		int before = this.seen;
		try {
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.pollInterval(Duration.ofMillis(250))
				.until(() -> seen() > before || this.written.get() <= this.seen);
		}
		catch (ConditionTimeoutException ex) {
			logger.info("Nothing was delivered for a minute: "
					+ this.instances.stream().map((instance) -> instance.container.getStatus().toString()).toList());
		}
	}

	private void create() throws Exception {
		this.node = new PersistentCockroach();
		this.node.start();
		this.pool.setJdbcUrl("jdbc:" + this.node.url("defaultdb"));
		this.pool.setUsername("root");
		this.pool.setConnectionTimeout(2_000);
		this.jdbc = JdbcClient.create(this.pool);
		this.jdbc.sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
		// Many positions instead of few
		this.jdbc.sql("SET CLUSTER SETTING kv.closed_timestamp.target_duration = '500ms'").update();
		new ResourceDatabasePopulator(new ClassPathResource("schema-cockroachdb.sql", ChangefeedState.class))
			.execute(this.pool);
		this.jdbc.sql("CREATE TABLE total (listener STRING PRIMARY KEY, amount DECIMAL NOT NULL)").update();
		this.jdbc.sql("INSERT INTO total VALUES (?, 0)").param(LISTENER).update();
		this.jdbc.sql("CREATE TABLE chaos (batch INT8, id INT8, PRIMARY KEY (batch, id))").update();
		this.jdbc.sql("CREATE TABLE chaos_seen (batch INT8, seq INT8 DEFAULT unique_rowid(), n INT8)").update();
	}

	/**
	 * Write all rows, one transaction after the other.
	 */
	private void write(List<Integer> written) {
		Random sizes = new Random(18);
		int rows = 0;
		while (rows < ROWS) {
			int size = Math.min(1 + sizes.nextInt(50), ROWS - rows);
			insert(written.size(), size);
			written.add(size);
			rows += size;
			this.written.set(written.size());
			awaitRoom();
		}
	}

	/**
	 * Do not write everything before the first fault.
	 */
	private void awaitRoom() {
		Awaitility.await()
			.atMost(Duration.ofMinutes(15))
			.pollInterval(Duration.ofMillis(50))
			.until(() -> this.written.get() - this.seen < AHEAD);
	}

	private void insert(int batch, int size) {
		boolean done = false;
		while (!done) {
			try {
				this.jdbc
					.sql("INSERT INTO chaos (batch, id) SELECT ?, i FROM generate_series(1, ?) AS g(i) "
							+ "ON CONFLICT DO NOTHING")
					.params(batch, size)
					.update();
				done = true;
			}
			catch (DataAccessException ex) {
				logger.debug("The node is down", ex);
			}
		}
	}

	private void addColumn() {
		boolean done = false;
		while (!done) {
			try {
				this.jdbc.sql("ALTER TABLE chaos ADD COLUMN IF NOT EXISTS note STRING DEFAULT 'x'").update();
				done = true;
			}
			catch (DataAccessException ex) {
				logger.debug("The column is not there yet", ex);
			}
		}
	}

	private void make(Fault fault) throws IOException, InterruptedException {
		ChaosInstance running = running();
		ChaosInstance victim = (running != null) ? running : this.instances.get(0);
		switch (fault) {
			case CUT -> victim.proxy.cutAll();
			case ANSWER_LOST -> victim.proxy.failNext("COMMIT", WireProxy.Fault.CUT_AFTER);
			case CONFLICT -> victim.proxy.failNext("COMMIT", WireProxy.Fault.REPLY_40001);
			case CONSUMER_KILLED -> {
				victim.kill();
				this.instances.remove(victim);
				this.instances.add(ChaosInstance.start(this.node, LISTENER, this.counts));
			}
			case LEASE_STOLEN -> steal();
			case CONSUMER_STOPPED -> {
				victim.container.stop();
				victim.container.start();
			}
			case NODE_RESTARTED -> {
				this.node.kill();
				this.node.start();
			}
		}
	}

	private void steal() {
		try {
			this.jdbc.sql("UPDATE crdb_changefeed_offset SET owner = '', epoch = epoch + 1 WHERE listener = ?")
				.param(LISTENER)
				.update();
		}
		catch (DataAccessException ex) {
			logger.debug("The lease could not be stolen", ex);
		}
	}

	private ChaosInstance running() {
		return this.instances.stream()
			.filter((instance) -> instance.container.getStatus().state() == ChangefeedState.RUNNING)
			.findFirst()
			.orElse(null);
	}

	private int seen() {
		try {
			this.seen = this.jdbc.sql("SELECT count(*) FROM chaos_seen").query(Integer.class).single();
		}
		catch (DataAccessException ex) {
			logger.debug("The node is down", ex);
		}
		return this.seen;
	}

	/**
	 * What fails.
	 */
	private enum Fault {

		CUT, ANSWER_LOST, CONFLICT, CONSUMER_KILLED, LEASE_STOLEN, CONSUMER_STOPPED, NODE_RESTARTED

	}

}
