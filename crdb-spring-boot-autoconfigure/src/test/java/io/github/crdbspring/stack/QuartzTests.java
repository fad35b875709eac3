package io.github.crdbspring.stack;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for Quartz's tables: two clustered schedulers on them, and jobs that are
 * scheduled in a transaction.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class QuartzTests {

	private static final int JOBS = 20;

	private static final ConcurrentHashMap<String, AtomicInteger> fired = new ConcurrentHashMap<>();

	private WireProxy proxy;

	private Conflicts conflicts;

	private AnnotationConfigApplicationContext first;

	/**
	 * In one JVM, Quartz has all schedulers of a cluster use the DataSource of the one
	 * that was started last.
	 */
	private AnnotationConfigApplicationContext second;

	@BeforeAll
	void start(TestDatabase database) throws Exception {
		Contexts.createTables(database, "org/quartz/impl/jdbcjobstore/tables_postgres.sql");
		this.conflicts = new Conflicts(database);
		this.proxy = database.proxy();
		String isolation = Contexts.usualIsolation(database);
		this.first = Contexts.start(database.url(this.proxy), QuartzConfiguration.class, isolation);
		this.second = Contexts.start(database.url(this.proxy), QuartzConfiguration.class, isolation);
	}

	@BeforeEach
	void reset() {
		fired.clear();
		this.conflicts.reset();
	}

	@AfterAll
	void stop() throws Exception {
		this.first.close();
		this.second.close();
		this.proxy.close();
	}

	@Test
	void eachJobFiresOnce() {
		for (int job = 0; job < JOBS; job++) {
			scheduleInTransaction("job" + job);
		}
		awaitJobs(JOBS);
	}

	@Test
	void conflictsOfTheSchedulersAreSurvived() {
		for (int job = 0; job < 5; job++) {
			scheduleInTransaction("job" + job);
			this.proxy.failNext("COMMIT", Fault.REPLY_40001);
		}
		awaitJobs(5);
	}

	@Test
	void aJobThatIsScheduledInARetriedTransactionIsThereOnce() {
		JdbcClient jdbc = this.second.getBean(JdbcClient.class);
		AtomicInteger attempts = new AtomicInteger();
		this.second.getBean(Transactions.class).run(() -> {
			attempts.set(TransactionAttempt.current().orElseThrow().number());
			schedule(this.second.getBean(Scheduler.class), "transactional");
			if (attempts.get() == 1) {
				this.proxy.failNext("UPDATE account", Fault.REPLY_40001);
			}
			Conflicts.add(jdbc, 1, 5);
		});
		assertThat(attempts).hasValue(2);
		assertThat(this.conflicts.balance(1)).isEqualTo(105);
		awaitJobs(1);
	}

	private void scheduleInTransaction(String name) {
		this.second.getBean(Transactions.class).run(() -> schedule(this.second.getBean(Scheduler.class), name));
	}

	private static void awaitJobs(int count) {
		Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> fired.size() == count);
		assertThat(fired.values()).extracting(AtomicInteger::get).containsOnly(1);
	}

	private static void schedule(Scheduler scheduler, String name) {
		JobDetail job = JobBuilder.newJob(CountingJob.class).withIdentity(name).build();
		Trigger trigger = TriggerBuilder.newTrigger().withIdentity(name).startNow().build();
		try {
			scheduler.scheduleJob(job, trigger);
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Counts how often each job is fired.
	 */
	public static class CountingJob implements Job {

		@Override
		public void execute(JobExecutionContext context) {
			fired.computeIfAbsent(context.getJobDetail().getKey().getName(), (name) -> new AtomicInteger())
				.incrementAndGet();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QuartzConfiguration {

		@Bean
		SchedulerFactoryBean scheduler(DataSource dataSource, PlatformTransactionManager transactionManager) {
			SchedulerFactoryBean factory = new SchedulerFactoryBean();
			factory.setDataSource(dataSource);
			factory.setTransactionManager(transactionManager);
			Properties properties = new Properties();
			properties.setProperty("org.quartz.scheduler.instanceName", "cluster");
			properties.setProperty("org.quartz.scheduler.instanceId", "AUTO");
			properties.setProperty("org.quartz.scheduler.idleWaitTime", "1000");
			properties.setProperty("org.quartz.scheduler.dbFailureRetryInterval", "100");
			properties.setProperty("org.quartz.threadPool.threadCount", "2");
			properties.setProperty("org.quartz.jobStore.isClustered", "true");
			// Otherwise schedulers run into conflicts when they look for what is next
			properties.setProperty("org.quartz.jobStore.acquireTriggersWithinLock", "true");
			properties.setProperty("org.quartz.jobStore.driverDelegateClass", PostgreSQLDelegate.class.getName());
			factory.setQuartzProperties(properties);
			return factory;
		}

	}

}
