package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import jakarta.persistence.CascadeType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.hibernate.annotations.Any;
import org.hibernate.annotations.AnyDiscriminatorValue;
import org.hibernate.annotations.AnyKeyJavaClass;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.support.JpaRepositoryFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for what a rolled back attempt leaves in entities of JPA that were made outside
 * of the transaction, as arguments are, with real conflicts.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class HibernateEntityUndoTests {

	private TestDatabase database;

	private Conflicts conflicts;

	private AnnotationConfigApplicationContext context;

	private EntityManager entityManager;

	private JpaRepository<Purchase, UUID> purchases;

	private JdbcClient jdbc;

	private Service service;

	@BeforeAll
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		Stream.of("CREATE TABLE purchase (id UUID PRIMARY KEY, version INT NOT NULL, name TEXT)",
				"CREATE TABLE purchase_notes (purchase_id UUID, notes TEXT)",
				"CREATE TABLE parcel (id TEXT PRIMARY KEY, version INT NOT NULL, content_type TEXT, content_id BIGINT)",
				"CREATE TABLE parcel_labels (parcel_id TEXT, labels TEXT)",
				"CREATE TABLE line (id BIGSERIAL PRIMARY KEY, purchase_id UUID, name TEXT)")
			.forEach((sql) -> testDatabase.jdbc().sql(sql).update());
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + testDatabase.url(), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "crdb.transaction.retry-spring-transactional=true",
					"spring.datasource.hikari.maximum-pool-size=3", "spring.datasource.hikari.minimum-idle=0")
			.applyTo(this.context);
		this.context.register(Jpa.class);
		this.context.refresh();
		this.entityManager = this.context.getBean(EntityManager.class);
		this.purchases = new JpaRepositoryFactory(this.entityManager).getRepository(Purchases.class);
		this.jdbc = this.context.getBean(JdbcClient.class);
		this.service = this.context.getBean(Service.class);
	}

	@AfterAll
	void stop() {
		this.context.close();
	}

	@BeforeEach
	void reset() {
		this.conflicts.reset();
		for (String table : List.of("purchase", "purchase_notes", "line", "parcel", "parcel_labels")) {
			this.database.jdbc().sql("DELETE FROM " + table).update();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anArgumentThatIsSavedIsStoredByTheSecondAttempt(boolean spring) {
		Purchase purchase = new Purchase();
		transaction(spring, (attempt) -> {
			this.purchases.saveAndFlush(purchase);
			conflict(attempt);
		});
		assertStored(purchase);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anArgumentThatIsPersistedIsStoredByTheSecondAttempt(boolean spring) {
		Purchase purchase = new Purchase();
		transaction(spring, (attempt) -> {
			this.entityManager.persist(purchase);
			this.entityManager.flush();
			conflict(attempt);
		});
		assertStored(purchase);
	}

	@Test
	void aConflictAtCommitIsTheSame() {
		Purchase purchase = new Purchase();
		this.service.crdb((attempt) -> {
			this.purchases.save(purchase);
			this.entityManager.flush();
			int balance = Conflicts.read(this.jdbc, 1);
			Runnable write = () -> this.jdbc.sql("UPDATE account SET balance = ? WHERE id = 2").param(balance).update();
			if (attempt == 1) {
				this.conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertStored(purchase);
	}

	@Test
	void whenTheCallFailsItIsAsItWas() {
		Purchase purchase = new Purchase();
		List<Line> lines = purchase.lines;
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb((attempt) -> {
			this.purchases.saveAndFlush(purchase);
			throw new IllegalStateException("after saving");
		}));
		assertThat(purchase.id).isNull();
		assertThat(purchase.version).isNull();
		assertThat(purchase.lines).isSameAs(lines).extracting((line) -> line.id).containsOnlyNulls();
		this.service.crdb((attempt) -> this.purchases.save(purchase));
		assertStored(purchase);
	}

	@Test
	void aVersionThatWasCountedUpIsSetBack() {
		Purchase purchase = new Purchase();
		this.service.crdb((attempt) -> this.purchases.save(purchase));
		List<Purchase> read = new ArrayList<>();
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb((attempt) -> {
			Purchase found = this.purchases.findById(purchase.id).orElseThrow();
			read.add(found);
			found.name = "changed";
			this.entityManager.flush();
			assertThat(found.version).isOne();
			throw new IllegalStateException("after the update");
		}));
		assertThat(read.get(0).version).isZero();
		// Detached by now, as it is for whoever got it
		this.service.crdb((attempt) -> this.purchases.save(read.get(0)));
		assertThat(this.database.jdbc().sql("SELECT name FROM purchase").query(String.class).single())
			.isEqualTo("changed");
	}

	@Test
	void anArgumentThatIsMergedIsStoredByTheSecondAttempt() {
		Purchase purchase = new Purchase();
		this.service.crdb((attempt) -> this.purchases.save(purchase));
		purchase.name = "changed";
		this.service.crdb((attempt) -> {
			this.purchases.saveAndFlush(purchase);
			conflict(attempt);
		});
		assertThat(this.database.jdbc().sql("SELECT name FROM purchase").query(String.class).single())
			.isEqualTo("changed");
	}

	@Test
	void aCollectionInAnEmbeddableIsStoredByTheSecondAttempt() {
		Line line = new Line();
		this.service.crdb((attempt) -> this.entityManager.persist(line));
		Parcel parcel = new Parcel();
		parcel.id = "one";
		parcel.content = line;
		this.service.crdb((attempt) -> {
			this.entityManager.persist(parcel);
			this.entityManager.flush();
			conflict(attempt);
		});
		assertThat(this.database.jdbc()
			.sql("SELECT labels FROM parcel_labels WHERE parcel_id = 'one'")
			.query(String.class)
			.list()).containsExactlyInAnyOrder("fragile", "heavy");
	}

	private void assertStored(Purchase purchase) {
		assertThat(this.database.jdbc().sql("SELECT id FROM purchase").query(UUID.class).list())
			.containsExactly(purchase.id);
		assertThat(this.database.jdbc()
			.sql("SELECT id FROM line WHERE purchase_id = ?")
			.param(purchase.id)
			.query(Long.class)
			.list()).containsExactlyInAnyOrderElementsOf(purchase.lines.stream().map((line) -> line.id).toList());
		assertThat(this.database.jdbc()
			.sql("SELECT notes FROM purchase_notes WHERE purchase_id = ?")
			.param(purchase.id)
			.query(String.class)
			.list()).containsExactlyInAnyOrder("a", "b");
	}

	private void transaction(boolean spring, java.util.function.IntConsumer work) {
		if (spring) {
			this.service.spring(work);
		}
		else {
			this.service.crdb(work);
		}
	}

	/**
	 * Have the first attempt fail with 40001.
	 */
	private void conflict(int attempt) {
		Conflicts.read(this.jdbc, 1);
		if (attempt == 1) {
			this.conflicts.lostUpdate(1);
		}
		Conflicts.add(this.jdbc, 1, 5);
	}

	interface Purchases extends JpaRepository<Purchase, UUID> {

	}

	@Entity
	@Table(name = "purchase")
	static class Purchase {

		@Id
		@GeneratedValue(strategy = GenerationType.UUID)
		UUID id;

		@Version
		Integer version;

		String name = "p";

		@ElementCollection
		@CollectionTable(name = "purchase_notes", joinColumns = @JoinColumn(name = "purchase_id"))
		List<String> notes = new ArrayList<>(List.of("a", "b"));

		@OneToMany(cascade = CascadeType.ALL)
		@JoinColumn(name = "purchase_id")
		List<Line> lines = new ArrayList<>(List.of(new Line(), new Line()));

	}

	/**
	 * Has an id that the application assigns.
	 */
	@Entity
	@Table(name = "parcel")
	static class Parcel {

		@Id
		String id;

		@Version
		Integer version;

		@Embedded
		Outside outside = new Outside();

		@Any
		@AnyKeyJavaClass(Long.class)
		@AnyDiscriminatorValue(discriminator = "line", entity = Line.class)
		@Column(name = "content_type")
		@JoinColumn(name = "content_id")
		Object content;

	}

	@Embeddable
	static class Outside {

		@ElementCollection
		@CollectionTable(name = "parcel_labels", joinColumns = @JoinColumn(name = "parcel_id"))
		@Column(name = "labels")
		List<String> labels = new ArrayList<>(List.of("fragile", "heavy"));

	}

	@Entity
	@Table(name = "line")
	static class Line {

		@Id
		@GeneratedValue(strategy = GenerationType.IDENTITY)
		Long id;

		String name = "l";

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class, JdbcClientAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class })
	@Import(Service.class)
	static class Jpa {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Purchase.class.getName(), Line.class.getName(), Parcel.class.getName(),
					Outside.class.getName());
		}

	}

}
