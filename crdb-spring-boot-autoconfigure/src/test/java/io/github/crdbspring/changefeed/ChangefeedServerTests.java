package io.github.crdbspring.changefeed;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.LogRecorder;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests with changefeeds of a real server.
 */
@DatabaseTest
class ChangefeedServerTests {

	private ChangefeedFixture fixture;

	private TestDatabase database;

	private final List<ChangeEvent<JsonNode>> events = Collections.synchronizedList(new ArrayList<>());

	@BeforeEach
	void create(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.fixture = new ChangefeedFixture(testDatabase);
		this.fixture.jdbc.sql("DROP TABLE IF EXISTS entry").update();
		this.fixture.jdbc.sql("CREATE TABLE entry (id INT8 PRIMARY KEY, amount DECIMAL(12,3))").update();
		if (testDatabase.isCockroach()) {
			this.fixture.jdbc.sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
		}
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void postgresIsRefusedWithTheReason() {
		assumeThat(this.database.isCockroach()).as("Is PostgreSQL").isFalse();
		CrdbChangefeedContainer container = this.fixture
			.start(this.fixture.builder(this.fixture.template).startAt(null).onEvent(String.class, (event) -> {
			}));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("PostgreSQL", "crdb.changefeed.enabled=false");
	}

	@Test
	@RequiresCockroach
	void aTransactionArrivesWhole() {
		CrdbChangefeedContainer container = start(events());
		update("BEGIN; INSERT INTO entry VALUES (1, 12.340), (2, 1e3); DELETE FROM entry WHERE id = 1; "
				+ "INSERT INTO entry VALUES (3, null); COMMIT");
		// On 21.1 the row that others never saw comes as deleted, too
		ChangefeedFixture.await(() -> keys().containsAll(List.of(2, 3)));
		assertThat(this.events).extracting(ChangeEvent::timestamp).containsOnly(this.events.get(0).timestamp());
		JsonNode row = this.events.stream()
			.filter((event) -> event.key().get("id").equals(2))
			.findFirst()
			.get()
			.after();
		assertThat(row.get("amount").decimalValue()).isEqualByComparingTo("1000");
		assertThat(container.getStatus().owner()).isNotNull();
	}

	@Test
	@RequiresCockroach
	void onArrivalAChangeIsThereBeforeItIsResolved() {
		AtomicReference<CrdbChangefeedContainer> container = new AtomicReference<>();
		List<Boolean> resolved = Collections.synchronizedList(new ArrayList<>());
		container.set(start(this.fixture.builder(this.fixture.template)
			.delivery(Delivery.ARRIVAL)
			.onEvent(JsonNode.class, (event) -> resolved
				.add(container.get().getStatus().position().compareTo(event.timestamp()) >= 0))));
		update("INSERT INTO entry VALUES (1, 1)");
		ChangefeedFixture.await(() -> !resolved.isEmpty());
		assertThat(resolved).first().isEqualTo(false);
	}

	@Test
	@RequiresCockroach
	void aScanComesFirstAndBeforeTellsInsertsFromUpdates() {
		update("INSERT INTO entry VALUES (1, 1), (2, 2)");
		start(events().initialScan(InitialScan.YES).before(true));
		update("UPDATE entry SET amount = 5 WHERE id = 1");
		update("INSERT INTO entry VALUES (3, 3)");
		update("DELETE FROM entry WHERE id = 2");
		ChangefeedFixture.await(() -> this.events.size() == 5);
		assertThat(this.events).extracting(ChangeEvent::initialScan).containsExactly(true, true, false, false, false);
		assertThat(this.events.subList(2, 5)).extracting(ChangeEvent::operation)
			.isEqualTo(List.of(Operation.UPDATE, Operation.INSERT, Operation.DELETE));
		assertThat(this.events.get(2).before().get("amount").decimalValue()).isEqualByComparingTo("1");
		assertThat(this.events.get(4).before().get("amount").decimalValue()).isEqualByComparingTo("2");
	}

	@Test
	@RequiresCockroach
	void typesAreReadAsWhatTheyAre() {
		update("DROP TABLE IF EXISTS thing");
		update("CREATE TABLE thing (id UUID, part STRING, exact_amount DECIMAL, data BYTES, created_at TIMESTAMPTZ, "
				+ "tags STRING[], extra JSONB, big INT8, ignored INT, PRIMARY KEY (id, part))");
		List<Thing> things = Collections.synchronizedList(new ArrayList<>());
		List<ChangeEvent<Thing>> deletes = Collections.synchronizedList(new ArrayList<>());
		start(this.fixture.builder(this.fixture.template).tables("thing").onEvent(Thing.class, (event) -> {
			if (event.after() != null) {
				things.add(event.after());
			}
			else {
				deletes.add(event);
			}
		}));
		UUID id = UUID.randomUUID();
		this.fixture.jdbc
			.sql("INSERT INTO thing VALUES (?, 'a', 0.12345678901234567890, 'abc', '2026-01-02 03:04:05.678901Z', "
					+ "ARRAY['x'], '{\"a\": 1.10}', 9007199254740993, 1)")
			.param(id)
			.update();
		ChangefeedFixture.await(() -> things.size() == 1);
		Thing thing = things.get(0);
		assertThat(thing.id()).isEqualTo(id);
		assertThat(thing.exactAmount()).isEqualTo(new BigDecimal("0.12345678901234567890"));
		assertThat(HexFormat.of().formatHex(thing.data())).isEqualTo("616263");
		assertThat(thing.createdAt()).isEqualTo("2026-01-02T03:04:05.678901Z");
		assertThat(thing.tags()).containsExactly("x");
		assertThat(thing.extra().toString()).isEqualTo("{\"a\":1.10}");
		assertThat(thing.big()).isEqualTo(9007199254740993L);
		update("DELETE FROM thing");
		ChangefeedFixture.await(() -> deletes.size() == 1);
		assertThat(deletes.get(0).key()).isEqualTo(Map.of("id", id.toString(), "part", "a"));
	}

	@Test
	@RequiresCockroach
	void afterAStopItGoesOnFromWhereItWas() {
		CrdbChangefeedContainer container = start(events());
		update("INSERT INTO entry VALUES (1, 1)");
		ChangefeedFixture.await(() -> this.events.size() == 1);
		container.stop();
		update("INSERT INTO entry VALUES (2, 2)");
		container.start();
		ChangefeedFixture.await(() -> this.events.size() == 2);
		assertThat(this.events).extracting((event) -> event.key().get("id")).isEqualTo(List.of(1, 2));
	}

	@Test
	@RequiresCockroach
	void aConnectionThatIsCutIsOpenedAgain() throws IOException {
		try (WireProxy proxy = this.database.proxy()) {
			HikariDataSource pool = this.database.pool(4, proxy);
			CrdbChangefeedContainer container = start(
					withEvents(this.fixture.builder(ChangefeedFixture.template(new CrdbDataSource(pool)))));
			update("INSERT INTO entry VALUES (1, 1)");
			// Delivered, not only called
			ChangefeedFixture.await(() -> container.getStatus().events() == 1);
			proxy.cutAll();
			update("INSERT INTO entry VALUES (2, 2)");
			ChangefeedFixture.await(() -> container.getStatus().events() == 2);
			assertThat(container.getStatus().restarts()).isPositive();
		}
	}

	@Test
	@RequiresCockroach
	void itsConnectionIsNotThePoolsAndHasNoTimeouts() {
		HikariDataSource pool = this.database.pool(2);
		pool.setConnectionInitSql("SET statement_timeout = '10s'");
		pool.addDataSourceProperty("ApplicationName", "shop");
		pool.addDataSourceProperty("socketTimeout", "3");
		start(withEvents(this.fixture.builder(ChangefeedFixture.template(new CrdbDataSource(pool)))));
		// But for moments in which the position is stored
		ChangefeedFixture.await(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
		assertThat(this.fixture.jdbc.sql("SELECT count(*) FROM [SHOW SESSIONS] WHERE application_name = ?")
			.param("shop-changefeed-" + this.fixture.id)
			.query(Integer.class)
			.single()).isEqualTo(1);
	}

	@Test
	@RequiresCockroach
	void aColumnThatIsAddedIsNoChangeOfTheRowsWhereThatIsKnown() {
		start(events().before(true));
		update("INSERT INTO entry VALUES (1, 1)");
		ChangefeedFixture.await(() -> this.events.size() == 1);
		update("ALTER TABLE entry ADD COLUMN note STRING DEFAULT 'x'");
		update("INSERT INTO entry VALUES (2, 2)");
		ChangefeedFixture.await(() -> this.events.size() == 2);
		assertThat(this.events.get(1).after().get("note").asString()).isEqualTo("x");
	}

	@Test
	@RequiresCockroach
	void anUnknownTableIsRefusedWithTheReason() {
		CrdbChangefeedContainer container = this.fixture.start(events().tables("entry", "nowhere"));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("'nowhere'", "tables");
		update("CREATE TABLE nowhere (id INT PRIMARY KEY)");
		container.start();
		ChangefeedFixture.awaitState(container, ChangefeedState.RUNNING);
		container.stop();
		update("DROP TABLE nowhere");
	}

	@Test
	@RequiresCockroach
	void rangefeedsThatAreOffAreNamed() {
		update("SET CLUSTER SETTING kv.rangefeed.enabled = false");
		CrdbChangefeedContainer container = this.fixture.start(events());
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("SET CLUSTER SETTING kv.rangefeed.enabled = true",
				"MODIFYCLUSTERSETTING");
	}

	@Test
	@RequiresCockroach
	void aMissingPrivilegeIsNamed() {
		update("CREATE USER IF NOT EXISTS reader");
		update("GRANT SELECT, INSERT, UPDATE ON TABLE crdb_changefeed_offset TO reader");
		HikariDataSource pool = this.database.pool(4);
		pool.setUsername("reader");
		pool.setPassword(null);
		CrdbChangefeedContainer container = this.fixture
			.start(withEvents(this.fixture.builder(ChangefeedFixture.template(new CrdbDataSource(pool)))));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("GRANT SELECT");
	}

	@Test
	@RequiresCockroach
	void aQueryIsRefusedOnAVersionWithout() {
		assumeThat(this.database.serverInfo().supports(ServerFeature.CHANGEFEED_QUERY)).as("Has queries").isFalse();
		CrdbChangefeedContainer container = this.fixture
			.start(events().tables().query("SELECT id FROM entry WHERE amount > 10"));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("22.2", "'tables'");
	}

	@Test
	@RequiresCockroach
	void aPositionThatIsTooOldFailsAndSaysWhatToDo() {
		CrdbChangefeedContainer container = start(events());
		container.stop();
		this.fixture.jdbc.sql("UPDATE crdb_changefeed_offset SET resolved = resolved - 1e18 WHERE listener = ?")
			.param(this.fixture.id)
			.update();
		container.start();
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("gc.ttlseconds", "RESCAN", "SKIP");
	}

	@Test
	@RequiresCockroach
	void itWarnsBeforeThePositionIsTooOld() {
		// Less than twice the 3 s that what is resolved lags behind; that soon nothing is
		// collected
		update("ALTER TABLE entry CONFIGURE ZONE USING gc.ttlseconds = 4");
		try (LogRecorder log = new LogRecorder()) {
			CrdbChangefeedContainer container = start(events());
			ChangefeedFixture.await(() -> log.warnings().toString().contains("for 4 s only"));
			assertThat(log.warnings()).anySatisfy((line) -> assertThat(line).contains("for 4 s only", "gc.ttlseconds"));
			assertThat(container.getStatus().retention()).isEqualTo(Duration.ofSeconds(4));
		}
	}

	@Test
	@RequiresCockroach
	void aTruncatedTableIsReadAgainIfSoWished() {
		CrdbChangefeedContainer container = start(events().onCursorExpired(CursorExpiredPolicy.RESCAN));
		update("INSERT INTO entry VALUES (1, 1)");
		ChangefeedFixture.await(() -> this.events.size() == 1);
		update("TRUNCATE entry");
		update("INSERT INTO entry VALUES (2, 2)");
		ChangefeedFixture.await(() -> this.events.size() == 2);
		assertThat(this.fixture.published).first()
			.isInstanceOfSatisfying(ChangefeedGapEvent.class,
					(gap) -> assertThat(gap.reason()).isEqualTo(ChangefeedGapEvent.Reason.RESCAN));
		ChangefeedFixture.awaitState(container, ChangefeedState.RUNNING);
	}

	private List<Object> keys() {
		return List.copyOf(this.events).stream().map((event) -> event.key().get("id")).toList();
	}

	private void update(String sql) {
		this.fixture.jdbc.sql(sql).update();
	}

	private CrdbChangefeedContainer.Builder events() {
		return withEvents(this.fixture.builder(this.fixture.template));
	}

	private CrdbChangefeedContainer.Builder withEvents(CrdbChangefeedContainer.Builder builder) {
		return builder.onEvent(JsonNode.class, this.events::add);
	}

	private CrdbChangefeedContainer start(CrdbChangefeedContainer.Builder builder) {
		CrdbChangefeedContainer container = this.fixture.start(builder);
		ChangefeedFixture.awaitState(container, ChangefeedState.RUNNING);
		return container;
	}

	/**
	 * A row.
	 */
	record Thing(UUID id, String part, BigDecimal exactAmount, byte[] data, Instant createdAt, List<String> tags,
			JsonNode extra, long big) {

	}

}
