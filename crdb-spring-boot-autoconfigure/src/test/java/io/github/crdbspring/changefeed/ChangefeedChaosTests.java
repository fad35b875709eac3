package io.github.crdbspring.changefeed;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two instances of a listener that adds to a sum, while what lies between them and the
 * server is cut, one is killed, and the lease is stolen. The number of rows is the
 * property {@code changefeed.chaos.rows}.
 */
@DatabaseTest
@RequiresCockroach
@EnabledIf("isNotSwitchedOff")
class ChangefeedChaosTests {

	private static final int ROWS = Integer.getInteger("changefeed.chaos.rows", 600);

	private final Random random = new Random(18);

	static boolean isNotSwitchedOff() {
		return ROWS > 0;
	}

	@Test
	void whateverFailsTheSumIsRight(TestDatabase database) throws IOException {
		ChangefeedFixture fixture = new ChangefeedFixture(database);
		fixture.jdbc.sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
		fixture.jdbc.sql("CREATE TABLE IF NOT EXISTS chaos (id INT8 PRIMARY KEY, batch INT8, amount INT8)").update();
		fixture.jdbc.sql("CREATE TABLE IF NOT EXISTS chaos_seen (batch INT8, seq INT8 DEFAULT unique_rowid(), n INT8)")
			.update();
		try (fixture; WireProxy firstProxy = database.proxy(); WireProxy secondProxy = database.proxy()) {
			CrdbChangefeedContainer first = fixture.start(instance(fixture, database.pool(6, firstProxy)));
			ChangefeedFixture.awaitState(first, ChangefeedState.RUNNING);
			CrdbChangefeedContainer second = fixture.start(instance(fixture, database.pool(6, secondProxy)));
			Map<Integer, Integer> written = new HashMap<>();
			int id = 0;
			int batch = 0;
			while (id < ROWS) {
				int size = Math.min(1 + this.random.nextInt(50), ROWS - id);
				write(fixture.jdbc, id, ++batch, size);
				written.put(batch, size);
				id += size;
				disturb(batch, fixture, first, second, firstProxy, secondProxy);
			}
			second.resume();
			ChangefeedFixture.await(Duration.ofMinutes(3), () -> fixture.sum() >= ROWS);
			assertThat(fixture.sum()).isEqualTo(ROWS);
			List<Map<String, Object>> seen = fixture.jdbc.sql("SELECT batch, n FROM chaos_seen ORDER BY seq")
				.query()
				.listOfRows();
			assertThat(seen).as("each transaction was delivered whole, once").hasSize(written.size());
			assertThat(seen.stream().map((row) -> (Long) row.get("batch")).toList()).as("in the order of the commits")
				.isSorted();
			assertThat(seen).allSatisfy((row) -> assertThat(row.get("n"))
				.isEqualTo((long) written.get(((Long) row.get("batch")).intValue())));
			assertThat(first.getStatus().restarts() + second.getStatus().restarts()).as("restarts").isPositive();
		}
	}

	private CrdbChangefeedContainer.Builder instance(ChangefeedFixture fixture, HikariDataSource pool) {
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		JdbcClient jdbc = JdbcClient.create(dataSource);
		return fixture.builder(ChangefeedFixture.template(dataSource))
			.tables("chaos")
			.before(true)
			.onTransaction(ChangefeedFixture.map(), (events) -> {
				// Rows that a schema change has rewritten are no new ones
				long added = events.stream().filter((event) -> event.operation() == Operation.INSERT).count();
				if (added == 0) {
					return;
				}
				jdbc.sql("UPDATE total SET amount = amount + ? WHERE listener = ?").params(added, fixture.id).update();
				jdbc.sql("INSERT INTO chaos_seen (batch, n) VALUES (?, ?)")
					.params(((Number) events.get(0).after().get("batch")).longValue(), added)
					.update();
			});
	}

	private void disturb(int batch, ChangefeedFixture fixture, CrdbChangefeedContainer first,
			CrdbChangefeedContainer second, WireProxy firstProxy, WireProxy secondProxy) {
		switch (batch % 8) {
			case 1 -> firstProxy.cutAll();
			case 2 -> firstProxy.failNext("COMMIT", WireProxy.Fault.CUT_AFTER);
			case 3 -> firstProxy.failNext("COMMIT", WireProxy.Fault.REPLY_40001);
			case 4 ->
				fixture.jdbc.sql("UPDATE crdb_changefeed_offset SET owner = NULL, epoch = epoch + 1 WHERE listener = ?")
					.param(fixture.id)
					.update();
			case 5 -> {
				if (batch == 5) {
					fixture.jdbc.sql("ALTER TABLE chaos ADD COLUMN IF NOT EXISTS note STRING DEFAULT 'x'").update();
				}
			}
			case 6 -> secondProxy.cutAll();
			case 7 -> {
				first.stop();
				first.start();
			}
			default -> second.pause();
		}
		if (batch % 8 != 0) {
			second.resume();
		}
	}

	private static void write(JdbcClient jdbc, int id, int batch, int size) {
		jdbc.sql("INSERT INTO chaos (id, batch, amount) SELECT i, ?, 1 FROM generate_series(?, ?) AS g(i)")
			.params(batch, id, id + size - 1)
			.update();
	}

}
