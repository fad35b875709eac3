package io.github.crdbspring.compatibility;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for db-scheduler's tasks: those that are scheduled in transactions, and those
 * that have some.
 */
@DatabaseTest
class DbSchedulerTests {

	private static final String TABLE = """
			CREATE TABLE scheduled_tasks (
			  task_name TEXT NOT NULL,
			  task_instance TEXT NOT NULL,
			  task_data BYTEA,
			  execution_time TIMESTAMP WITH TIME ZONE NOT NULL,
			  picked BOOLEAN NOT NULL,
			  picked_by TEXT,
			  last_success TIMESTAMP WITH TIME ZONE,
			  last_failure TIMESTAMP WITH TIME ZONE,
			  consecutive_failures INT,
			  last_heartbeat TIMESTAMP WITH TIME ZONE,
			  version BIGINT NOT NULL,
			  priority SMALLINT,
			  PRIMARY KEY (task_name, task_instance)
			);
			CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time);
			CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat);
			""";

	private TestDatabase database;

	private Rival rival;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.rival = new Rival(testDatabase);
		this.rival.reset();
		Applications.createTables(testDatabase, "scheduled_tasks",
				new ByteArrayResource(TABLE.getBytes(StandardCharsets.UTF_8)));
		testDatabase.jdbc().sql("DELETE FROM scheduled_tasks").update();
		this.runner = Applications.withTestKit(testDatabase)
			.withPropertyValues(Applications.usualIsolation(testDatabase))
			.withUserConfiguration(Payment.class);
	}

	@Test
	@InjectRetries
	void aTaskIsScheduledWithTheTransactionAndItsOwnIsRetried() {
		this.runner.run((context) -> {
			Payment payment = context.getBean(Payment.class);
			context.getBean(TransactionalWork.class)
				.annotated(() -> schedule(context.getBean(Scheduler.class), payment, "7"));
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> remaining() == 0);
			assertThat(payment.executed).as("conflicts run the transaction again, not the task").containsExactly("7");
			assertThat(this.rival.balance(1)).isEqualTo(105);
		});
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "insert into scheduled_tasks",
			transaction = "TransactionalWork.springs")
	void aConflictWhileATaskIsScheduledIsRetried() {
		this.runner.run((context) -> {
			Payment payment = context.getBean(Payment.class);
			context.getBean(TransactionalWork.class)
				.springs(() -> schedule(context.getBean(Scheduler.class), payment, "8"));
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> remaining() == 0);
			assertThat(payment.executed).containsExactly("8");
		});
	}

	@Test
	void aTaskOfATransactionThatFailedIsNotExecuted() {
		this.runner.run((context) -> {
			Payment payment = context.getBean(Payment.class);
			assertThatIllegalStateException()
				.isThrownBy(() -> context.getBean(TransactionalWork.class).annotated(() -> {
					schedule(context.getBean(Scheduler.class), payment, "9");
					throw new IllegalStateException("out of money");
				}));
			assertThat(remaining()).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "fetch", "lock-and-fetch" })
	void twoInstancesExecuteEachTaskOnce(String strategy) {
		assumeTrue(strategy.equals("fetch") || Applications.hasSkipLocked(this.database),
				"CockroachDB has SKIP LOCKED from 22.2 on");
		ApplicationContextRunner instance = this.runner
			.withPropertyValues("lock-and-fetch=" + strategy.equals("lock-and-fetch"));
		instance.run((first) -> instance.run((second) -> {
			Payment payment = first.getBean(Payment.class);
			List<String> ids = IntStream.range(0, 30).mapToObj((i) -> "p" + i).toList();
			ids.forEach((id) -> schedule(first.getBean(Scheduler.class), payment, id));
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> remaining() == 0);
			List<String> executed = new CopyOnWriteArrayList<>(payment.executed);
			executed.addAll(second.getBean(Payment.class).executed);
			assertThat(executed).containsExactlyInAnyOrderElementsOf(ids);
			assertThat(this.rival.balance(1)).isEqualTo(100 + 30 * 5);
		}));
	}

	private static boolean schedule(Scheduler scheduler, Payment payment, String id) {
		return scheduler.scheduleIfNotExists(payment.task.instance(id), Instant.now());
	}

	private int remaining() {
		return this.database.jdbc().sql("SELECT count(*) FROM scheduled_tasks").query(Integer.class).single();
	}

	/**
	 * A task, and what it does.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Payment {

		final List<String> executed = new CopyOnWriteArrayList<>();

		final OneTimeTask<Void> task;

		Payment(JdbcClient jdbc, TransactionalWork work) {
			this.task = Tasks.oneTime("payment").execute((instance, context) -> {
				this.executed.add(instance.getId());
				try {
					work.annotated(() -> jdbc.sql("UPDATE account SET balance = balance + 5 WHERE id = 1").update());
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			});
		}

		/**
		 * As the library's starter does it.
		 */
		@Bean(initMethod = "start", destroyMethod = "stop")
		Scheduler scheduler(DataSource dataSource, @Value("${lock-and-fetch:false}") boolean lockAndFetch) {
			SchedulerBuilder builder = Scheduler.create(new TransactionAwareDataSourceProxy(dataSource), this.task)
				.pollingInterval(Duration.ofMillis(100))
				.threads(2);
			return (lockAndFetch ? builder.pollUsingLockAndFetch(0.5, 1) : builder).build();
		}

	}

}
