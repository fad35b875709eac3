package io.github.crdbspring.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.support.JdbcDefaultBatchConfiguration;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for Spring Batch's job repository, and for conflicts in steps.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class SpringBatchTests {

	private Conflicts conflicts;

	private TestDatabase database;

	@BeforeAll
	void createTables(TestDatabase testDatabase) throws Exception {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		Contexts.createTables(testDatabase, "org/springframework/batch/core/schema-postgresql.sql");
	}

	@BeforeEach
	void reset() {
		this.conflicts.reset();
	}

	@Test
	void aJobRuns() throws Exception {
		try (AnnotationConfigApplicationContext context = start(DefaultConfiguration.class)) {
			JobExecution execution = start(context, "addInOneStatement", "runs");
			assertThat(execution.getStatus()).as(execution.toString()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(this.conflicts.balance(1)).isEqualTo(105);
		}
	}

	@Test
	void aConflictInAStepFailsTheJobAndARestartCompletesIt() throws Exception {
		try (AnnotationConfigApplicationContext context = start(RestartableConfiguration.class)) {
			JobExecution failed = start(context, "addInConflict", "restarted");
			assertThat(failed.getStatus()).isEqualTo(BatchStatus.FAILED);
			assertThat(failed.getAllFailureExceptions()).singleElement()
				.isInstanceOf(ConcurrencyFailureException.class);
			JobExecution restarted = start(context, "addInConflict", "restarted");
			assertThat(restarted.getAllFailureExceptions()).isEmpty();
			assertThat(restarted.getStatus()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		}
	}

	/**
	 * Spring Batch sends a query while it reads another one that has a limit.
	 */
	@Test
	@RequiresCockroach
	void withoutFurtherAdoARestartFails() throws Exception {
		try (AnnotationConfigApplicationContext context = start(DefaultConfiguration.class)) {
			assertThat(start(context, "addInConflict", "lost").getStatus()).isEqualTo(BatchStatus.FAILED);
			JobExecution restarted = start(context, "addInConflict", "lost");
			assertThat(restarted.getStatus()).isEqualTo(BatchStatus.FAILED);
			assertThat(restarted.getAllFailureExceptions()).first()
				.asInstanceOf(InstanceOfAssertFactories.THROWABLE)
				.hasStackTraceContaining("multiple active portals");
		}
	}

	@Test
	void aConflictInATaskletWithATransactionOfItsOwnIsRetried() throws Exception {
		try (AnnotationConfigApplicationContext context = start(DefaultConfiguration.class)) {
			JobExecution execution = start(context, "addInRetriedTransaction", "retried");
			assertThat(execution.getStatus()).as(execution.toString()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		}
	}

	@Test
	void ofStartsAtTheSameTimeOneRuns() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try (AnnotationConfigApplicationContext context = start(DefaultConfiguration.class)) {
			for (int round = 0; round < 5; round++) {
				String key = "concurrent" + round;
				List<Callable<JobExecution>> callers = new ArrayList<>();
				for (int caller = 0; caller < 4; caller++) {
					callers.add(() -> start(context, "addInOneStatement", key));
				}
				int completed = 0;
				for (var caller : threads.invokeAll(callers)) {
					try {
						completed += (caller.get().getStatus() == BatchStatus.COMPLETED) ? 1 : 0;
					}
					catch (ExecutionException ex) {
						// Somebody else runs it, or has run it
					}
				}
				assertThat(completed).isEqualTo(1);
				assertThat(this.conflicts.balance(1)).isEqualTo(105 + 5 * round);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private AnnotationConfigApplicationContext start(Class<?> configuration) {
		AnnotationConfigApplicationContext context = Contexts.start(this.database, configuration);
		context.getBean(Steps.class).conflicts = this.conflicts;
		return context;
	}

	private static JobExecution start(AnnotationConfigApplicationContext context, String job, String key)
			throws Exception {
		JobParameters parameters = new JobParametersBuilder().addString("key", key).toJobParameters();
		return context.getBean(JobOperator.class).start(context.getBean(job, Job.class), parameters);
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Steps.class)
	static class DefaultConfiguration extends JdbcDefaultBatchConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Steps.class)
	static class RestartableConfiguration extends JdbcDefaultBatchConfiguration {

		@Override
		protected JdbcOperations getJdbcOperations() {
			return new UnlimitedJdbcTemplate(getDataSource());
		}

	}

	/**
	 * Jobs of one step each.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Steps {

		private final JobRepository jobs;

		private final PlatformTransactionManager transactionManager;

		private final JdbcClient jdbc;

		private Conflicts conflicts;

		private int calls;

		Steps(JobRepository jobs, PlatformTransactionManager transactionManager, JdbcClient jdbc) {
			this.jobs = jobs;
			this.transactionManager = transactionManager;
			this.jdbc = jdbc;
		}

		@Bean
		Job addInOneStatement() {
			return job("addInOneStatement", TransactionDefinition.PROPAGATION_REQUIRED,
					() -> Conflicts.add(this.jdbc, 1, 5));
		}

		@Bean
		Job addInConflict() {
			return job("addInConflict", TransactionDefinition.PROPAGATION_REQUIRED, () -> add(++this.calls == 1));
		}

		@Bean
		Job addInRetriedTransaction(Transactions transactions) {
			return job("addInRetriedTransaction", TransactionDefinition.PROPAGATION_NOT_SUPPORTED,
					() -> transactions.run(() -> add(TransactionAttempt.current().orElseThrow().number() == 1)));
		}

		private void add(boolean inConflict) {
			int balance = Conflicts.read(this.jdbc, 1);
			if (inConflict) {
				this.conflicts.lostUpdate(1);
			}
			this.jdbc.sql("UPDATE account SET balance = ? WHERE id = 1").param(balance + 5).update();
		}

		private Job job(String name, int propagation, Runnable work) {
			return new JobBuilder(name, this.jobs)
				.start(new StepBuilder("step", this.jobs).tasklet((contribution, chunk) -> {
					work.run();
					return RepeatStatus.FINISHED;
				}, this.transactionManager).transactionAttribute(new DefaultTransactionAttribute(propagation)).build())
				.build();
		}

	}

}
