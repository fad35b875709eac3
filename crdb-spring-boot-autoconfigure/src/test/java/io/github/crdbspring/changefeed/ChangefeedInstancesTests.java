package io.github.crdbspring.changefeed;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for several instances with changefeeds of a real server.
 */
@DatabaseTest
@RequiresCockroach
class ChangefeedInstancesTests {

	private ChangefeedFixture fixture;

	private TestDatabase database;

	@BeforeEach
	void create(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.fixture = new ChangefeedFixture(testDatabase);
		update("SET CLUSTER SETTING kv.rangefeed.enabled = true");
		update("DROP TABLE IF EXISTS entry");
		update("CREATE TABLE entry (id INT8 PRIMARY KEY, name STRING)");
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void cachesOfAllInstancesAreInvalidatedAndAGapIsTold() throws IOException {
		update("INSERT INTO entry VALUES (1, 'a'), (2, 'b')");
		try (Cache first = new Cache(); Cache second = new Cache(); Cache third = new Cache()) {
			List<Cache> caches = List.of(first, second, third);
			caches.forEach((cache) -> assertThat(cache.get(1) + cache.get(2)).isEqualTo("ab"));
			update("UPDATE entry SET name = 'c' WHERE id = 1");
			ChangefeedFixture.await(() -> caches.stream().allMatch((cache) -> cache.get(1).equals("c")));
			assertThat(caches).allSatisfy((cache) -> assertThat(cache.names).containsKey(2));
			assertThat(caches).allSatisfy((cache) -> assertThat(cache.gaps).isEmpty());
			second.proxy.cutAll();
			update("UPDATE entry SET name = 'd' WHERE id = 2");
			ChangefeedFixture.await(() -> second.gaps.size() == 1);
			assertThat(second.gaps.get(0).reason()).isEqualTo(ChangefeedGapEvent.Reason.DISCONNECTED);
			ChangefeedFixture.await(() -> caches.stream().allMatch((cache) -> cache.get(2).equals("d")));
			assertThat(first.gaps).isEmpty();
			assertThat(third.gaps).isEmpty();
		}
		assertThat(this.fixture.jdbc.sql("SELECT count(*) FROM crdb_changefeed_offset WHERE listener = ?")
			.param(this.fixture.id)
			.query(Integer.class)
			.single()).as("nothing is stored").isZero();
	}

	@Test
	void aHeartbeatDoesNotWaitForTheListener() throws InterruptedException {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		CrdbChangefeedContainer container = this.fixture
			.start(this.fixture.builder(this.fixture.template).onEvent(JsonNode.class, (event) -> {
				called.countDown();
				await(goOn);
			}));
		ChangefeedFixture.awaitState(container, ChangefeedState.RUNNING);
		update("INSERT INTO entry VALUES (1, 'a')");
		assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
		OffsetStore other = new OffsetStore(this.fixture.template, this.fixture.id);
		try {
			long begin = System.nanoTime();
			assertThat(other.heartbeat(container.getStatus().owner())).isTrue();
			assertThat(other.claim("other", Duration.ofMinutes(1))).as("nor does one that stands by").isNull();
			assertThat(other.owner()).isEqualTo(container.getStatus().owner());
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
		}
		finally {
			goOn.countDown();
		}
		ChangefeedFixture.await(() -> container.getStatus().events() == 1);
		assertThat(container.getStatus().restarts()).as("it did not make the listener's transaction fail").isZero();
	}

	@Test
	void whoTakesOverDoesNotWaitForATransactionThatTheOtherHasLeftOpen() throws SQLException {
		OffsetStore offsets = new OffsetStore(this.fixture.template, this.fixture.id);
		offsets.claim("dead", Duration.ofMinutes(1));
		try (HikariDataSource pool = this.database.pool(1);
				Connection open = pool.getConnection();
				Statement statement = open.createStatement()) {
			open.setAutoCommit(false);
			statement
				.execute("UPDATE crdb_changefeed_offset SET resolved = 1 WHERE listener = '" + this.fixture.id + "'");
			long begin = System.nanoTime();
			assertThat(offsets.claim("other", Duration.ofMillis(-1))).isNotNull();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
			open.rollback();
		}
	}

	private void update(String sql) {
		this.fixture.jdbc.sql(sql).update();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The cache of an instance.
	 */
	private final class Cache implements AutoCloseable {

		private final Map<Integer, String> names = new ConcurrentHashMap<>();

		private final List<ChangefeedGapEvent> gaps = Collections.synchronizedList(new ArrayList<>());

		private final WireProxy proxy = ChangefeedInstancesTests.this.database.proxy();

		private final CrdbChangefeedContainer container;

		Cache() {
			CrdbDataSource dataSource = new CrdbDataSource(ChangefeedInstancesTests.this.database.pool(2, this.proxy));
			ChangefeedFixture fixture = ChangefeedInstancesTests.this.fixture;
			this.container = fixture.start(fixture.builder(ChangefeedFixture.template(dataSource))
				.exclusive(false)
				.delivery(Delivery.ARRIVAL)
				.events((event) -> {
					if (event instanceof ChangefeedGapEvent gap) {
						this.names.clear();
						this.gaps.add(gap);
					}
				})
				.onEvent(JsonNode.class, (event) -> this.names.remove((Integer) event.key().get("id"))));
			ChangefeedFixture.awaitState(this.container, ChangefeedState.RUNNING);
		}

		String get(int id) {
			return this.names.computeIfAbsent(id,
					(key) -> ChangefeedInstancesTests.this.fixture.jdbc.sql("SELECT name FROM entry WHERE id = ?")
						.param(key)
						.query(String.class)
						.single());
		}

		@Override
		public void close() throws IOException {
			this.container.stop();
			this.proxy.close();
		}

	}

}
