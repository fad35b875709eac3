package io.github.crdbspring.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.provider.sql.DatabaseProduct;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for ShedLock's table, and for its locks around transactions that are retried.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class ShedLockTests {

	private WireProxy proxy;

	private String url;

	private Conflicts conflicts;

	private TestDatabase database;

	@BeforeAll
	void createTables(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		testDatabase.jdbc()
			.sql("CREATE TABLE shedlock (name VARCHAR(64) PRIMARY KEY, lock_until TIMESTAMP NOT NULL, "
					+ "locked_at TIMESTAMP NOT NULL, locked_by VARCHAR(255) NOT NULL)")
			.update();
		this.proxy = testDatabase.proxy();
		this.url = testDatabase.url(this.proxy);
	}

	@BeforeEach
	void reset() {
		this.database.jdbc().sql("DELETE FROM shedlock").update();
		this.conflicts.reset();
	}

	@AfterAll
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void atAnyTimeThereIsOneHolder() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(6);
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			LockProvider locks = context.getBean(LockProvider.class);
			List<Callable<Optional<SimpleLock>>> callers = new ArrayList<>();
			for (int caller = 0; caller < 6; caller++) {
				callers.add(() -> locks.lock(lock(Duration.ZERO)));
			}
			int locked = 0;
			for (int round = 0; round < 10; round++) {
				List<SimpleLock> held = new ArrayList<>();
				for (var caller : threads.invokeAll(callers)) {
					caller.get().ifPresent(held::add);
				}
				assertThat(held).hasSizeLessThanOrEqualTo(1);
				held.forEach(SimpleLock::unlock);
				locked += held.size();
			}
			assertThat(locked).isPositive();
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void aConflictMeansNotLocked() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			LockProvider locks = context.getBean(LockProvider.class);
			locks.lock(lock(Duration.ZERO)).orElseThrow().unlock();
			this.proxy.failNext("COMMIT", Fault.REPLY_40001);
			assertThat(locks.lock(lock(Duration.ZERO))).isEmpty();
			SimpleLock held = locks.lock(lock(Duration.ZERO)).orElseThrow();
			assertThat(locks.lock(lock(Duration.ZERO))).isEmpty();
			this.proxy.failNext("COMMIT", Fault.REPLY_40001);
			held.unlock();
			assertThat(locks.lock(lock(Duration.ZERO))).as("unlocking was repeated").isPresent();
		}
	}

	/**
	 * It takes the conflict for one with somebody who has created the row, and from then
	 * on only updates it.
	 */
	@Test
	void aConflictOfTheVeryFirstLockKeepsThatInstanceOut() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class);
				AnnotationConfigApplicationContext other = Contexts.start(this.url, DefaultConfiguration.class)) {
			LockProvider locks = context.getBean(LockProvider.class);
			this.proxy.failNext("COMMIT", Fault.REPLY_40001);
			assertThat(locks.lock(lock(Duration.ZERO))).isEmpty();
			assertThat(locks.lock(lock(Duration.ZERO))).isEmpty();
			other.getBean(LockProvider.class).lock(lock(Duration.ZERO)).orElseThrow().unlock();
			assertThat(locks.lock(lock(Duration.ZERO))).isPresent();
		}
	}

	@Test
	void anUnknownOutcomeMeansNotLocked() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			LockProvider locks = context.getBean(LockProvider.class);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			assertThat(locks.lock(lock(Duration.ZERO))).isEmpty();
			assertThat(locks.lock(lock(Duration.ZERO))).as("committed, and nobody holds it").isEmpty();
		}
	}

	@Test
	void byDefaultALockIsOutsideOfTheRetries() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			Billing billing = context.getBean(Billing.class);
			billing.bill(this.conflicts);
			assertThat(billing.attempts()).containsExactly(1, 2);
			assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		}
	}

	@Test
	void aLockOutsideOfTheRetriesIsTakenOnce() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, OutermostConfiguration.class)) {
			Billing billing = context.getBean(Billing.class);
			billing.bill(this.conflicts);
			assertThat(billing.attempts()).containsExactly(1, 2);
			assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		}
	}

	private static LockConfiguration lock(Duration atLeastFor) {
		return new LockConfiguration(Instant.now(), "billing", Duration.ofMinutes(1), atLeastFor);
	}

	@Configuration(proxyBeanMethods = false)
	static class LockConfigurations {

		@Bean
		LockProvider lockProvider(JdbcTemplate jdbcTemplate, CrdbDataSource dataSource) {
			boolean cockroach = dataSource.getServerInfo().isCockroach();
			return new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
				.withJdbcTemplate(jdbcTemplate)
				.withDatabaseProduct(cockroach ? DatabaseProduct.COCKROACH_DB : DatabaseProduct.POSTGRES_SQL)
				.usingDbTime()
				.build());
		}

		@Bean
		Billing billing(JdbcClient jdbc) {
			return new Billing(jdbc);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableSchedulerLock(defaultLockAtMostFor = "PT1M")
	static class DefaultConfiguration extends LockConfigurations {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableSchedulerLock(defaultLockAtMostFor = "PT1M", order = Ordered.HIGHEST_PRECEDENCE)
	static class OutermostConfiguration extends LockConfigurations {

	}

	/**
	 * A scheduled task.
	 */
	static class Billing {

		private final JdbcClient jdbc;

		private final List<Integer> attempts = new ArrayList<>();

		Billing(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		List<Integer> attempts() {
			return this.attempts;
		}

		@SchedulerLock(name = "billing", lockAtLeastFor = "PT10S")
		@CrdbTransactional
		void bill(Conflicts conflicts) {
			int balance = Conflicts.read(this.jdbc, 1);
			int attempt = TransactionAttempt.current().orElseThrow().number();
			this.attempts.add(attempt);
			if (attempt == 1) {
				conflicts.lostUpdate(1);
			}
			this.jdbc.sql("UPDATE account SET balance = ? WHERE id = 1").param(balance + 5).update();
		}

	}

}
