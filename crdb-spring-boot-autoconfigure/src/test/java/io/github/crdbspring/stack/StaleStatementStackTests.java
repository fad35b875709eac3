package io.github.crdbspring.stack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionListener;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what a schema change does to applications that are running: a first step of a
 * rolling deployment adds a column.
 */
@DatabaseTest
class StaleStatementStackTests {

	private final List<String> retries = new ArrayList<>();

	private TestDatabase database;

	private AnnotationConfigApplicationContext context;

	private int columns;

	@BeforeEach
	void createTable(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc().sql("DROP TABLE IF EXISTS ticket").update();
		testDatabase.jdbc().sql("""
				CREATE TABLE ticket (id UUID DEFAULT gen_random_uuid() PRIMARY KEY, name TEXT)""").update();
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void savesOfSpringDataJdbcGoOn() {
		start(DataJdbc.class);
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		assertNothingFails(() -> service.run(() -> aggregates.insert(new Ticket(null, "a"))));
		assertNothingFails(() -> service.run(() -> aggregates.saveAll(tickets())));
	}

	@Test
	void withoutATransactionNoMoreThanOneFails() {
		start(DataJdbc.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		JdbcTemplate jdbc = bean(JdbcTemplate.class);
		assertFailures(() -> jdbc.queryForList("SELECT * FROM ticket WHERE name = ?", "a"), 0);
		assertFailures(() -> aggregates.insert(new Ticket(null, "a")), 1);
	}

	@Test
	void nestedAndJoinedTransactionsRunTheOutermostAgain() {
		start(DataJdbc.class);
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		Supplier<?> insert = () -> aggregates.insert(new Ticket(null, "a"));
		assertNothingFails(() -> service.run(() -> service.run(insert)));
		assertNothingFails(() -> service.run(() -> service.plain(insert)));
		assertNothingFails(() -> service.run(() -> service.requiresNew(insert)));
		assertNothingFails(() -> service.run(() -> service.savepoint(insert)));
	}

	@Test
	void whatWasSwallowedIsRunAgain() {
		start(DataJdbc.class);
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		assertNothingFails(() -> service.run(() -> {
			try {
				return aggregates.insert(new Ticket(null, "a"));
			}
			catch (DataAccessException ex) {
				return ex;
			}
		}));
		assertThat(this.database.jdbc().sql("SELECT count(*) FROM ticket").query(Integer.class).single()).isEqualTo(20);
	}

	@Test
	void theTemplateRunsItAgain() {
		start(DataJdbc.class);
		CrdbTransactionTemplate template = bean(CrdbTransactionTemplate.class);
		JdbcTemplate jdbc = bean(JdbcTemplate.class);
		assertNothingFails(
				() -> template.execute((status) -> jdbc.queryForList("SELECT * FROM ticket WHERE name = ?", "a")));
	}

	@Test
	void springsOwnTransactionsAreRunAgainWhereTheyAreRetried() {
		start(DataJdbc.class, "crdb.transaction.retry-spring-transactional=true");
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		assertNothingFails(() -> service.plain(() -> aggregates.insert(new Ticket(null, "a"))));
	}

	@Test
	void springsOwnTransactionsFailOnceInThePoolOtherwise() {
		start(DataJdbc.class);
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		assertFailures(() -> service.plain(() -> aggregates.insert(new Ticket(null, "a"))), 1);
	}

	@Test
	void withoutThePoolDefaultsItIsTheSame() {
		start(DataJdbc.class, "crdb.pool-defaults=false");
		Service service = bean(Service.class);
		JdbcAggregateTemplate aggregates = bean(JdbcAggregateTemplate.class);
		assertNothingFails(() -> service.run(() -> aggregates.insert(new Ticket(null, "a"))));
		assertFailures(() -> service.plain(() -> aggregates.insert(new Ticket(null, "a"))), 1);
		assertFailures(() -> aggregates.insert(new Ticket(null, "a")), 1);
	}

	@Test
	void whatIsStaleRightBeforeCommitIsRunAgain() {
		start(DataJdbc.class);
		Service service = bean(Service.class);
		JdbcTemplate jdbc = bean(JdbcTemplate.class);
		assertNothingFails(() -> service.run(() -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void beforeCommit(boolean readOnly) {
					jdbc.queryForList("SELECT * FROM ticket WHERE name = ?", "a");
				}
			});
			return null;
		}));
	}

	@Test
	void queriesOfJpaGoOn() {
		start(Jpa.class);
		Service service = bean(Service.class);
		EntityManager entityManager = bean(EntityManager.class);
		assertNothingFails(() -> service.run(() -> {
			entityManager.persist(new JpaTicket());
			entityManager.flush();
			return entityManager.createNativeQuery("SELECT * FROM ticket", JpaTicket.class).getResultList();
		}));
	}

	@Test
	void whatJpaFlushesAtCommitGoesOn() {
		start(Jpa.class);
		Service service = bean(Service.class);
		EntityManager entityManager = bean(EntityManager.class);
		Runnable persist = () -> service.run(() -> {
			entityManager.persist(new JpaTicket());
			return null;
		});
		for (int i = 0; i < 10; i++) {
			persist.run();
		}
		service.run(this::loseStatements);
		this.retries.clear();
		persist.run();
		assertThat(this.retries).containsExactly("26000 STALE_STATEMENT");
		assertThat(this.database.jdbc().sql("SELECT count(*) FROM ticket").query(Integer.class).single()).isEqualTo(11);
	}

	/**
	 * Have the server lose its statements without the driver's knowing.
	 */
	private Object loseStatements() {
		return bean(JdbcTemplate.class).execute((ConnectionCallback<Object>) (connection) -> {
			BaseConnection driver = connection.unwrap(BaseConnection.class);
			driver.setFlushCacheOnDeallocate(false);
			driver.execSQLUpdate("DEALLOCATE ALL");
			driver.setFlushCacheOnDeallocate(true);
			return true;
		});
	}

	private void assertNothingFails(Runnable work) {
		assertFailures(work, 0);
		assertThat(this.retries).as("retries").hasSizeLessThanOrEqualTo(1);
	}

	/**
	 * Warm up, change the table, and count what fails in the following calls.
	 */
	private void assertFailures(Runnable work, int expected) {
		for (int i = 0; i < 10; i++) {
			work.run();
		}
		this.database.jdbc()
			.sql("ALTER TABLE ticket ADD COLUMN extra%d TEXT DEFAULT 'x'".formatted(++this.columns))
			.update();
		this.retries.clear();
		List<RuntimeException> failures = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			try {
				work.run();
			}
			catch (RuntimeException ex) {
				failures.add(ex);
			}
		}
		assertThat(failures).hasSizeLessThanOrEqualTo(expected);
	}

	private static List<Ticket> tickets() {
		return List.of(new Ticket(null, "a"), new Ticket(null, "b"), new Ticket(null, "c"));
	}

	private <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	private void start(Class<?> configuration, String... properties) {
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + this.database.url(), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "spring.datasource.hikari.maximum-pool-size=3",
					"spring.datasource.hikari.minimum-idle=0")
			.and(properties)
			.applyTo(this.context);
		this.context.register(AbstractStackTests.Spring.class, configuration, Service.class);
		List<String> recorded = this.retries;
		this.context.registerBean("retries", CrdbTransactionListener.class, () -> new CrdbTransactionListener() {
			@Override
			public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
				FailureReason reason = FailureReason.of(failure);
				recorded.add(reason.sqlState() + " " + reason.reason());
			}
		});
		this.context.refresh();
	}

	/**
	 * A service whose methods begin transactions.
	 */
	static class Service {

		@CrdbTransactional
		Object run(Supplier<?> work) {
			return work.get();
		}

		@CrdbTransactional(nested = NestedTransactionPolicy.REQUIRES_NEW)
		Object requiresNew(Supplier<?> work) {
			return work.get();
		}

		@Transactional
		Object plain(Supplier<?> work) {
			return work.get();
		}

		@Transactional(propagation = Propagation.NESTED)
		Object savepoint(Supplier<?> work) {
			return work.get();
		}

	}

	@Table("ticket")
	record Ticket(@Id UUID id, String name) {

	}

	/**
	 * The same table as an entity of JPA.
	 */
	@Entity
	@jakarta.persistence.Table(name = "ticket")
	static class JpaTicket {

		@jakarta.persistence.Id
		private UUID id = UUID.randomUUID();

		private String name = "j";

		UUID getId() {
			return this.id;
		}

		String getName() {
			return this.name;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "io.github.crdbspring.test")
	@ImportAutoConfiguration(DataJdbcRepositoriesAutoConfiguration.class)
	static class DataJdbc {

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = StaleStatementStackTests.class)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class Jpa {

	}

}
