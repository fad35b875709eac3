package io.github.crdbspring.compatibility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.awaitility.Awaitility;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.scheduling.JobScheduler;
import org.jobrunr.spring.autoconfigure.JobRunrAutoConfiguration;
import org.jobrunr.spring.autoconfigure.storage.JobRunrSqlStorageAutoConfiguration;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.StorageProviderUtils.DatabaseOptions;
import org.jobrunr.storage.sql.common.DefaultSqlStorageProvider;
import org.jobrunr.storage.sql.postgres.PostgresDialect;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for JobRunr's jobs: that of its storage, and those that have transactions.
 */
@DatabaseTest
class JobRunrTests {

	private Rival rival;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.rival = new Rival(database);
		this.rival.reset();
		this.runner = Applications
			.withTestKit(database, JobRunrAutoConfiguration.class, JobRunrSqlStorageAutoConfiguration.class)
			.withPropertyValues("jobrunr.background-job-server.enabled=true",
					"jobrunr.miscellaneous.allow-anonymous-data-usage=false",
					"jobrunr.background-job-server.poll-interval-in-seconds=5",
					"jobrunr.background-job-server.worker-count=2", Applications.usualIsolation(database))
			.withBean(Payments.class);
		if (database.isCockroach()) {
			createTables(database);
			this.runner = this.runner.withUserConfiguration(Storage.class);
		}
	}

	/**
	 * As docs/compatibility.md says: the scripts for any database, without the type that
	 * CockroachDB does not have, and with integers of 32 bits.
	 */
	private static void createTables(TestDatabase database) {
		try {
			Resource[] scripts = new PathMatchingResourcePatternResolver()
				.getResources("classpath:org/jobrunr/storage/sql/common/migrations/v*.sql");
			String statements = Stream.of(scripts)
				.sorted(Comparator.comparing(Resource::getFilename))
				.map(JobRunrTests::read)
				.collect(Collectors.joining("\n"))
				.replaceAll("(?i)nchar", "CHAR")
				.replaceAll("\\bint\\b", "INT4");
			Applications.createTables(database, "jobrunr_jobs",
					new ByteArrayResource(statements.getBytes(StandardCharsets.UTF_8)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Resource script) {
		try {
			return script.getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	@RequiresCockroach
	void theTablesThatJobRunrMakesAreRefused(TestDatabase database) {
		assertThatException().isThrownBy(() -> database.jdbc().sql("CREATE TABLE probe (id NCHAR(36))").update())
			.withStackTraceContaining("syntax error");
	}

	@Test
	@InjectRetries
	void aJobThatCallsATransactionRunsOnce() {
		this.runner.run((context) -> {
			UUID id = UUID.randomUUID();
			context.getBean(JobScheduler.class).<Payments>enqueue(id, (payments) -> payments.pay(5));
			awaitSuccess(context.getBean(StorageProvider.class), id);
			assertThat(this.rival.balance(1)).isEqualTo(105);
			assertThat(context.getBean(Payments.class).attempts).containsExactly(1, 2);
		});
	}

	/**
	 * JobRunr stores jobs on connections of its own.
	 */
	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "UPDATE account")
	void insideOfATransactionAJobIsStoredByEachAttemptUnlessItHasAnId() {
		this.runner.withPropertyValues("jobrunr.background-job-server.enabled=false").run((context) -> {
			JobScheduler jobs = context.getBean(JobScheduler.class);
			StorageProvider storage = context.getBean(StorageProvider.class);
			TransactionalWork work = context.getBean(TransactionalWork.class);
			Payments payments = context.getBean(Payments.class);
			Instant later = Instant.now().plusSeconds(10_000);
			long before = storage.countJobs(StateName.SCHEDULED);
			work.annotated(() -> jobs.<Payments>schedule(later, (bean) -> bean.pay(1)) != null && payments.add(5));
			assertThat(storage.countJobs(StateName.SCHEDULED) - before).isEqualTo(2);
			UUID id = UUID.randomUUID();
			work.annotated(() -> jobs.<Payments>schedule(id, later, (bean) -> bean.pay(1)) != null && payments.add(5));
			assertThat(storage.countJobs(StateName.SCHEDULED) - before).isEqualTo(3);
		});
	}

	@Test
	@InjectRetries
	void aJobThatIsStoredAfterCommitIsStoredOnce() {
		this.runner.run((context) -> {
			JobScheduler jobs = context.getBean(JobScheduler.class);
			UUID id = UUID.randomUUID();
			Payments payments = context.getBean(Payments.class);
			context.getBean(TransactionalWork.class).annotated(() -> {
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						jobs.<Payments>enqueue(id, (bean) -> bean.pay(1));
					}

				});
				return payments.add(5);
			});
			awaitSuccess(context.getBean(StorageProvider.class), id);
			assertThat(this.rival.balance(1)).isEqualTo(106);
		});
	}

	private static void awaitSuccess(StorageProvider storage, UUID id) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.until(() -> storage.getJobById(id).getState() == StateName.SUCCEEDED);
	}

	/**
	 * As docs/compatibility.md says, for CockroachDB before 22.2.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Storage {

		@Bean
		StorageProvider storageProvider(DataSource dataSource, JobMapper jobMapper) {
			DefaultSqlStorageProvider storage = new DefaultSqlStorageProvider(dataSource, new PostgresDialect() {

				@Override
				public String selectForUpdateSkipLocked() {
					return " FOR UPDATE";
				}

			}, DatabaseOptions.SKIP_CREATE);
			storage.setJobMapper(jobMapper);
			return storage;
		}

	}

	/**
	 * What jobs do.
	 */
	public static class Payments {

		final List<Integer> attempts = new CopyOnWriteArrayList<>();

		private final JdbcClient jdbc;

		private final TransactionalWork work;

		Payments(JdbcClient jdbc, TransactionalWork work) {
			this.jdbc = jdbc;
			this.work = work;
		}

		public void pay(int amount) throws Exception {
			this.work.annotated(() -> {
				this.attempts.add(TransactionAttempt.current().orElseThrow().number());
				return add(amount);
			});
		}

		boolean add(int amount) {
			Rival.write(this.jdbc, 1, Rival.read(this.jdbc, 1) + amount);
			return true;
		}

	}

}
