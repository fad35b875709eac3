package io.github.crdbspring.changefeed;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * More rows wait at a real server than the buffer holds. Their number is the property
 * {@code changefeed.backlog.rows}; a million need no more memory than few.
 */
@DatabaseTest
@RequiresCockroach
class ChangefeedBacklogTests {

	private static final Log logger = LogFactory.getLog(ChangefeedBacklogTests.class);

	private static final int ROWS = Integer.getInteger("changefeed.backlog.rows", 10_000);

	private static final int TRANSACTION = 500;

	private static final int BUFFERED = Math.max(2_000, ROWS / 10);

	private static final Duration PATIENCE = Duration.ofMinutes(30);

	private final AtomicInteger delivered = new AtomicInteger();

	private final AtomicLong mostBuffered = new AtomicLong();

	@Test
	void whateverWaitsMemoryIsBounded(TestDatabase database) {
		CountDownLatch called = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		try (ChangefeedFixture fixture = new ChangefeedFixture(database)) {
			fixture.jdbc.sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
			fixture.jdbc.sql("CREATE TABLE backlog (id INT8 PRIMARY KEY, note STRING)").update();
			CrdbChangefeedContainer container = fixture.start(fixture.builder(fixture.template)
				.tables("backlog")
				.settings(ChangefeedFixture.settings(BUFFERED, 64L << 20))
				.onTransaction(String.class, (events) -> {
					called.countDown();
					await(goOn);
					this.delivered.addAndGet(events.size());
				}));
			ChangefeedFixture.awaitState(container, ChangefeedState.RUNNING);
			for (int id = 0; id < ROWS; id += TRANSACTION) {
				fixture.jdbc.sql("INSERT INTO backlog SELECT i, repeat('x', 100) FROM generate_series(?, ?) AS g(i)")
					.params(id, id + TRANSACTION - 1)
					.update();
			}
			await(called);
			observe(container);
			// Nothing is read while the listener sleeps
			long before = container.getStatus().bufferedRows();
			Awaitility.await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(10)).until(() -> {
				observe(container);
				return container.getStatus().bufferedRows() <= before + 1_000;
			});
			goOn.countDown();
			Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
				observe(container);
				return this.delivered.get() >= ROWS;
			});
			Runtime runtime = Runtime.getRuntime();
			logger.info("Rows " + ROWS + ", most buffered " + this.mostBuffered + ", feeds opened again "
					+ container.getStatus().restarts() + ", memory used "
					+ (runtime.totalMemory() - runtime.freeMemory()) / (1 << 20) + " MiB of "
					+ runtime.maxMemory() / (1 << 20));
			assertThat(this.delivered).hasValue(ROWS);
			// The reader holds some that are not sorted yet
			assertThat(this.mostBuffered).hasValueLessThanOrEqualTo(BUFFERED + 1_000L);
		}
	}

	private void observe(CrdbChangefeedContainer container) {
		this.mostBuffered.accumulateAndGet(container.getStatus().bufferedRows(), Math::max);
	}

	private static void await(CountDownLatch latch) {
		Awaitility.await().atMost(PATIENCE).until(() -> latch.getCount() == 0);
	}

}
