package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jpa.Generator.Row;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import jakarta.persistence.EntityManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for keys that are generated, and for what they cost: how many statements go over
 * the wire, and in how many round trips.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class GeneratorTests {

	private static final String BATCHES = "spring.jpa.properties.hibernate.jdbc.batch_size=128";

	private static final String NO_REWRITING = "spring.datasource.hikari.data-source-properties.reWriteBatchedInserts=false";

	private final List<Row> rows = new ArrayList<>();

	private TestDatabase database;

	private WireProxy proxy;

	private ApplicationContextRunner runner;

	@BeforeAll
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.proxy = testDatabase.proxy();
		String[] types = generators().map((generator) -> generator.create().getClass().getName())
			.toArray(String[]::new);
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					HibernateJpaAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(this.proxy), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.minimum-idle=0", "spring.jpa.hibernate.ddl-auto=create-drop")
			.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(types))
			.withBean(Service.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.proxy.close();
	}

	private Stream<Generator> generators() {
		return Arrays.stream(Generator.values())
			.filter((generator) -> generator != Generator.ROW_ID || this.database.isCockroach());
	}

	@Test
	void withoutBatchesThereIsARoundTripForEachRow() {
		run((context) -> {
			verifyCosts(context, Generator.SEQUENCE, 10, 13, 13);
			verifyCosts(context, Generator.SEQUENCE, 100, 104, 104);
			for (Generator generator : generators().filter((other) -> other != Generator.SEQUENCE).toList()) {
				verifyCosts(context, generator, 1, 3, 3);
				verifyCosts(context, generator, 10, 12, 12);
				verifyCosts(context, generator, 100, 102, 102);
			}
		});
	}

	/**
	 * The driver makes multi-row inserts of a batch, whose numbers of rows are powers of
	 * two.
	 */
	@Test
	void batchesAreOfUseWhereTheKeyIsKnownBefore() {
		run((context) -> {
			verifyCosts(context, Generator.SEQUENCE, 10, 5, 4);
			verifyCosts(context, Generator.SEQUENCE, 100, 7, 5);
			verifyCosts(context, Generator.UUID, 10, 4, 3);
			verifyCosts(context, Generator.UUID, 100, 5, 3);
			verifyCosts(context, Generator.IDENTITY, 100, 102, 102);
			verifyCosts(context, Generator.DATABASE_UUID, 100, 102, 102);
		}, BATCHES);
	}

	@Test
	void batchesThatAreNotRewrittenAreAsManyStatements() {
		run((context) -> {
			verifyCosts(context, Generator.SEQUENCE, 100, 104, 5);
			verifyCosts(context, Generator.UUID, 100, 102, 3);
		}, BATCHES, NO_REWRITING);
	}

	/**
	 * BEGIN and COMMIT are counted, too.
	 */
	private void verifyCosts(ApplicationContext context, Generator generator, int count, int statements,
			int roundTrips) {
		if (this.rows.stream().noneMatch(generator.create().getClass()::isInstance)) {
			// The very first value of a sequence makes one row only
			persist(context, generator, 1);
		}
		this.proxy.clear();
		persist(context, generator, count);
		assertThat(this.proxy.statements()).as(generator + " " + count).hasSize(statements);
		assertThat(this.proxy.roundTrips()).as(generator + " " + count).isEqualTo(roundTrips);
	}

	@Test
	void aRetriedAttemptGetsKeysOfItsOwn() {
		run((context) -> generators().forEach((generator) -> {
			List<Object> keys = new ArrayList<>();
			EntityManager entityManager = context.getBean(EntityManager.class);
			context.getBean(Service.class).crdb((attempt) -> {
				this.rows.clear();
				IntStream.range(0, 10).forEach((i) -> persist(entityManager, generator.create()));
				entityManager.flush();
				this.rows.forEach((row) -> keys.add(row.id()));
				failFirst(entityManager, attempt);
			});
			assertThat(keys).hasSize(20).doesNotContainNull().doesNotHaveDuplicates();
			List<Object> inserted = keys.subList(10, 20);
			String type = generator.create().getClass().getName();
			assertThat(entityManager.createQuery("SELECT r.id FROM " + type + " r", Object.class).getResultList())
				.containsExactlyInAnyOrderElementsOf(inserted);
		}), BATCHES);
	}

	/**
	 * With the key of the failed attempt JPA would take it for an entity that has been
	 * saved before.
	 */
	@Test
	void anEntityOfTheCallersGetsAnotherKeyInTheSecondAttempt() {
		run((context) -> generators().forEach((generator) -> {
			this.rows.clear();
			EntityManager entityManager = context.getBean(EntityManager.class);
			Row row = generator.create();
			List<Object> keys = new ArrayList<>();
			context.getBean(Service.class).crdb((attempt) -> {
				assertThat(row.id()).isEqualTo(generator.create().id());
				persist(entityManager, row);
				entityManager.flush();
				keys.add(row.id());
				failFirst(entityManager, attempt);
			});
			assertThat(keys).hasSize(2).doesNotContainNull();
			String type = row.getClass().getName();
			assertThat(entityManager.createQuery("SELECT r.id FROM " + type + " r", Object.class).getResultList())
				.contains(row.id());
		}));
	}

	private void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		this.rows.clear();
		this.runner.withPropertyValues(properties).run(test);
	}

	private void persist(ApplicationContext context, Generator generator, int count) {
		EntityManager entityManager = context.getBean(EntityManager.class);
		context.getBean(Service.class)
			.crdb((attempt) -> IntStream.range(0, count).forEach((i) -> persist(entityManager, generator.create())));
	}

	private void persist(EntityManager entityManager, Row row) {
		entityManager.persist(row);
		this.rows.add(row);
	}

	/**
	 * Let the first attempt fail before COMMIT.
	 */
	private void failFirst(EntityManager entityManager, int attempt) {
		if (attempt == 1) {
			this.proxy.cutAll();
			entityManager.createNativeQuery("SELECT 1").getSingleResult();
		}
	}

}
