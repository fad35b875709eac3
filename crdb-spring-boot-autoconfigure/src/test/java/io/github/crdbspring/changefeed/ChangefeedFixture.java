package io.github.crdbspring.changefeed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.TestChangefeed;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Containers over a database of a test, which are stopped after it.
 */
final class ChangefeedFixture implements AutoCloseable {

	private static final AtomicInteger number = new AtomicInteger();

	static final ChangefeedSettings SETTINGS = settings(100_000, 64L << 20);

	final CrdbDataSource dataSource;

	final CrdbTransactionTemplate template;

	final JdbcClient jdbc;

	final TestChangefeed feed = new TestChangefeed();

	final List<Object> published = new CopyOnWriteArrayList<>();

	private final List<CrdbChangefeedContainer> containers = new ArrayList<>();

	/**
	 * A listener's name of this test's own.
	 */
	final String id = "listener" + number.incrementAndGet();

	ChangefeedFixture(TestDatabase database) {
		this(database, database.dataSource());
	}

	ChangefeedFixture(TestDatabase database, CrdbDataSource dataSource) {
		this.dataSource = dataSource;
		this.template = template(dataSource);
		this.jdbc = database.jdbc();
		new ResourceDatabasePopulator(new ClassPathResource(
				"schema-" + (database.isCockroach() ? "cockroachdb" : "postgresql") + ".sql", ChangefeedState.class))
			.execute(dataSource);
		this.jdbc.sql("CREATE TABLE IF NOT EXISTS total (listener VARCHAR(40) PRIMARY KEY, amount DECIMAL NOT NULL)")
			.update();
		this.jdbc.sql("INSERT INTO total VALUES (?, 0)").param(this.id).update();
	}

	static CrdbTransactionTemplate template(DataSource dataSource) {
		return new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource), dataSource,
				CrdbTransactionOptions.none());
	}

	static ChangefeedSettings settings(int maxRows, long maxBytes) {
		ChangefeedSettings.Pauses pauses = new ChangefeedSettings.Pauses(Duration.ofMillis(5), Duration.ofMillis(20));
		return new ChangefeedSettings(Duration.ofSeconds(1), Duration.ofSeconds(20), maxRows, maxBytes, Duration.ZERO,
				Duration.ofSeconds(5), pauses, pauses);
	}

	/**
	 * A builder with the fake feed.
	 */
	CrdbChangefeedContainer.Builder builder() {
		return builder(this.template).source(this.feed);
	}

	CrdbChangefeedContainer.Builder builder(CrdbTransactionTemplate template) {
		return CrdbChangefeedContainer.builder(template)
			.id(this.id)
			.tables("entry")
			.settings(SETTINGS)
			.events(this.published::add);
	}

	CrdbChangefeedContainer start(CrdbChangefeedContainer.Builder builder) {
		CrdbChangefeedContainer container = builder.build();
		this.containers.add(container);
		container.start();
		return container;
	}

	/**
	 * Add to the sum, in the transaction of the listener.
	 */
	void add(Object amount) {
		JdbcClient.create(this.dataSource)
			.sql("UPDATE total SET amount = amount + ?::DECIMAL WHERE listener = ?")
			.param(amount.toString())
			.param(this.id)
			.update();
	}

	int sum() {
		return this.jdbc.sql("SELECT amount FROM total WHERE listener = ?")
			.param(this.id)
			.query(Integer.class)
			.single();
	}

	String stored() {
		return this.jdbc.sql("SELECT resolved::VARCHAR FROM crdb_changefeed_offset WHERE listener = ?")
			.param(this.id)
			.query(String.class)
			.optional()
			.orElse("0");
	}

	static void await(BooleanSupplier condition) {
		await(Duration.ofSeconds(60), condition);
	}

	static void await(Duration time, BooleanSupplier condition) {
		long deadline = System.nanoTime() + time.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
			try {
				Thread.sleep(10);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	static void awaitState(CrdbChangefeedContainer container, ChangefeedState state) {
		try {
			await(() -> {
				ChangefeedState current = container.getStatus().state();
				assertThat(current).isIn(state, (current != ChangefeedState.FAILED) ? current : state);
				return current == state;
			});
		}
		catch (AssertionError ex) {
			throw new AssertionError("Not " + state + " but " + container.getStatus(), ex);
		}
	}

	@Override
	public void close() {
		this.containers.forEach(CrdbChangefeedContainer::stop);
	}

	/**
	 * Return the type of rows as maps.
	 */
	@SuppressWarnings("unchecked")
	static Class<Map<String, Object>> map() {
		return (Class<Map<String, Object>>) (Class<?>) Map.class;
	}

}
