package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.actuate.CrdbChangefeedHealthIndicator;
import io.github.crdbspring.actuate.CrdbChangefeedsEndpoint;
import io.github.crdbspring.changefeed.ChangefeedState;
import io.github.crdbspring.changefeed.ChangefeedStatus;
import io.github.crdbspring.changefeed.CrdbChangefeedListener;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests with an application that listens to a changefeed of a real server.
 */
@DatabaseTest
@RequiresCockroach
class ChangefeedApplicationTests {

	private JdbcClient jdbc;

	private ApplicationContextRunner runner;

	@BeforeEach
	void create(TestDatabase database) {
		this.jdbc = database.jdbc();
		this.jdbc.sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
		this.jdbc.sql("DROP TABLE IF EXISTS crdb_changefeed_offset, crdb_changefeed_dead_letter, orders, total")
			.update();
		this.jdbc.sql("CREATE TABLE orders (id INT8 PRIMARY KEY, amount STRING)").update();
		this.jdbc.sql("CREATE TABLE total (id INT8 PRIMARY KEY, amount INT8)").update();
		this.jdbc.sql("INSERT INTO total VALUES (1, 0)").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
							JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class,
							JacksonAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
							CrdbChangefeedAutoConfiguration.class, CrdbChangefeedActuatorAutoConfiguration.class))
			.withBean(Sum.class)
			.withPropertyValues("crdb.url=" + database.url(), "spring.datasource.hikari.maximum-pool-size=4",
					"crdb.changefeed.initialize-schema=always", "crdb.changefeed.retry.initial-interval=5ms",
					"crdb.changefeed.retry.max-interval=10ms",
					"management.endpoints.web.exposure.include=crdbchangefeeds");
	}

	@Test
	void aPoisonRowPausesTheListenerUntilItIsResumed() {
		this.runner.run((context) -> {
			CrdbChangefeedsEndpoint endpoint = context.getBean(CrdbChangefeedsEndpoint.class);
			CrdbChangefeedHealthIndicator health = context.getBean(CrdbChangefeedHealthIndicator.class);
			Sum sum = context.getBean(Sum.class);
			awaitState(endpoint, ChangefeedState.RUNNING);
			this.jdbc.sql("INSERT INTO orders VALUES (1, '10')").update();
			this.jdbc.sql("INSERT INTO orders VALUES (2, 'much')").update();
			this.jdbc.sql("INSERT INTO orders VALUES (3, '30')").update();
			awaitState(endpoint, ChangefeedState.PAUSED);
			assertThat(sum.failures).as("the default").hasValue(10);
			ChangefeedStatus status = endpoint.changefeeds().listeners().get("sum");
			assertThat(status.pausedByFailure()).isTrue();
			assertThat(status.lastError()).contains("much");
			assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.health().getDetails().get("sum").toString()).contains("PAUSED", "much");
			assertThat(total()).as("what comes after it waits").isEqualTo(10);
			sum.much = 20;
			endpoint.act("sum", "resume");
			Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(total()).isEqualTo(60));
			assertThat(health.health().getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void aPoisonRowIsPutAsideAndReplayed() {
		this.runner.withPropertyValues("crdb.changefeed.error-handler=dead-letter").run((context) -> {
			CrdbChangefeedsEndpoint endpoint = context.getBean(CrdbChangefeedsEndpoint.class);
			Sum sum = context.getBean(Sum.class);
			awaitState(endpoint, ChangefeedState.RUNNING);
			this.jdbc.sql("INSERT INTO orders VALUES (1, '10'), (2, 'much')").update();
			this.jdbc.sql("INSERT INTO orders VALUES (3, '30')").update();
			Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(total()).isEqualTo(30));
			assertThat(endpoint.changefeed("sum").deadLetters()).as("the whole transaction")
				.extracting((letter) -> letter.key())
				.containsExactlyInAnyOrder("[1]", "[2]");
			sum.much = 20;
			assertThat(endpoint.act("sum", "replay").replayed()).isEqualTo(2);
			assertThat(total()).isEqualTo(60);
			assertThat(endpoint.changefeed("sum").deadLetters()).isEmpty();
		});
	}

	private void awaitState(CrdbChangefeedsEndpoint endpoint, ChangefeedState state) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(endpoint.changefeeds().listeners().get("sum").state()).isEqualTo(state));
	}

	private int total() {
		return this.jdbc.sql("SELECT amount FROM total").query(Integer.class).single();
	}

	/**
	 * Adds up what it gets, in the transaction that it is called in.
	 */
	static class Sum {

		final AtomicInteger failures = new AtomicInteger();

		final List<Map<String, Object>> rows = new CopyOnWriteArrayList<>();

		volatile int much = -1;

		private final JdbcClient jdbc;

		Sum(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@CrdbChangefeedListener(id = "sum", tables = "orders")
		void add(List<Map<String, Object>> orders) {
			for (Map<String, Object> order : orders) {
				this.jdbc.sql("UPDATE total SET amount = amount + ?").param(amount(order)).update();
			}
			this.rows.addAll(orders);
		}

		private int amount(Map<String, Object> order) {
			Object amount = order.get("amount");
			if (amount.equals("much") && this.much < 0) {
				this.failures.incrementAndGet();
				throw new IllegalStateException("How much is " + amount);
			}
			return amount.equals("much") ? this.much : Integer.parseInt(amount.toString());
		}

	}

}
