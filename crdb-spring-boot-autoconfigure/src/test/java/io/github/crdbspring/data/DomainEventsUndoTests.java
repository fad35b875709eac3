package io.github.crdbspring.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbAggregateAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Transient;
import org.springframework.data.domain.AbstractAggregateRoot;
import org.springframework.data.domain.AfterDomainEventPublication;
import org.springframework.data.domain.DomainEvents;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.CrudRepository;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.data.util.Streamable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link DomainEventsUndo}: events of aggregates that were made outside of the
 * transaction that saves them, with real repositories of Spring Data JDBC and JPA, and
 * real conflicts.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class DomainEventsUndoTests {

	private static final List<String> TABLES = List.of("jdbc_order", "jpa_order", "own_order", "hidden_order");

	private Conflicts conflicts;

	private AnnotationConfigApplicationContext context;

	private JdbcClient jdbc;

	private Service service;

	private Listener listener;

	private TestDatabase database;

	@BeforeAll
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		for (String table : TABLES) {
			testDatabase.jdbc()
				.sql("CREATE TABLE " + table + " (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name TEXT)")
				.update();
		}
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + testDatabase.url(), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "crdb.transaction.retry-spring-transactional=true",
					"spring.datasource.hikari.maximum-pool-size=3", "spring.datasource.hikari.minimum-idle=0")
			.applyTo(this.context);
		this.context.register(Stores.class);
		this.context.refresh();
		this.jdbc = this.context.getBean(JdbcClient.class);
		this.service = this.context.getBean(Service.class);
		this.listener = this.context.getBean(Listener.class);
	}

	@AfterAll
	void stop() {
		this.context.close();
	}

	@BeforeEach
	void reset() {
		this.conflicts.reset();
		this.listener.heard.clear();
		this.listener.during = () -> {
		};
		TABLES.forEach((table) -> this.database.jdbc().sql("DELETE FROM " + table).update());
	}

	@ParameterizedTest
	@EnumSource
	void eventsArePublishedByTheAttemptThatIsCommitted(Store store) {
		Root order = store.create("a", "b");
		this.service.crdb(() -> {
			store.save(this, order);
			conflict();
		});
		assertThat(this.listener.heard).containsExactlyInAnyOrder("a", "b");
		assertThat(order.events()).isEmpty();
		assertThat(this.database.jdbc().sql("SELECT count(*) FROM " + store.table).query(Integer.class).single())
			.isOne();
	}

	@ParameterizedTest
	@EnumSource
	void eventsOfSeveralAggregatesAre(Store store) {
		List<Root> orders = List.of(store.create("a"), store.create("b"), store.create("c"));
		this.service.spring(() -> {
			store.saveAll(this, orders);
			conflict();
		});
		assertThat(this.listener.heard).containsExactly("a", "b", "c");
	}

	@Test
	void eventsOfSomethingIterableAre() {
		Streamable<JdbcOrder> orders = Streamable.of(new JdbcOrder("a"), new JdbcOrder("b"));
		this.service.crdb(() -> {
			this.context.getBean(JdbcOrders.class).saveAll(orders);
			conflict();
		});
		assertThat(this.listener.heard).containsExactly("a", "b");
	}

	@ParameterizedTest
	@EnumSource
	void aConflictAtCommitIsTheSame(Store store) {
		Root order = store.create("a");
		this.service.crdb(() -> {
			int balance = Conflicts.read(this.jdbc, 1);
			store.save(this, order);
			Runnable write = () -> this.jdbc.sql("UPDATE account SET balance = ? WHERE id = 2").param(balance).update();
			if (isFirst()) {
				this.conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertThat(this.listener.heard).containsExactly("a");
	}

	/**
	 * A listener that is called inside of the transaction meets the conflict.
	 */
	@ParameterizedTest
	@EnumSource
	void soIsOneInATransactionOfTheRepositorysOwn(Store store) {
		Root order = store.create("a");
		this.listener.during = this::conflict;
		store.save(this, order);
		assertThat(this.listener.heard).containsExactly("a");
		this.conflicts.reset();
		Root other = store.create("b");
		store.saveAll(this, List.of(other));
		assertThat(this.listener.heard).containsExactly("a", "b");
		this.conflicts.reset();
		order.register("deleted");
		store.delete(this, order);
		assertThat(this.listener.heard).containsExactly("a", "b", "deleted");
		this.listener.during = () -> {
		};
		store.delete(this, other);
	}

	@ParameterizedTest
	@EnumSource
	void theTemplateDoesTheSame(Store store) {
		Root order = store.create("a");
		this.context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> {
			store.save(this, order);
			conflict();
		});
		assertThat(this.listener.heard).containsExactly("a");
	}

	@ParameterizedTest
	@EnumSource
	void anAggregateHasItsEventsWhenTheCallFails(Store store) {
		Root order = store.create("a", "b");
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb(() -> {
			store.save(this, order);
			throw new IllegalStateException("after saving");
		}));
		assertThat(this.listener.heard).isEmpty();
		assertThat(order.events()).containsExactlyInAnyOrder("a", "b");
		order.register("c");
		store.save(this, order);
		assertThat(this.listener.heard).containsExactlyInAnyOrder("a", "b", "c");
	}

	/**
	 * Which events are the attempt's own is known when the next registers them again.
	 */
	@ParameterizedTest
	@EnumSource
	void whatEachAttemptRegistersIsPublishedOnce(Store store) {
		Root order = store.create("before");
		this.service.crdb(() -> {
			order.register("in " + attempt());
			store.save(this, order);
			order.register("again in " + attempt());
			store.save(this, order);
			Conflicts.read(this.jdbc, 1);
			if (attempt() < 3) {
				this.conflicts.lostUpdate(1);
			}
			Conflicts.add(this.jdbc, 1, 5);
		});
		assertThat(this.listener.heard).containsExactlyInAnyOrder("before", "in 3", "again in 3");
	}

	@Test
	void theEventsOfAnAttemptThatSetsRollbackOnlyStay() {
		JdbcOrder order = new JdbcOrder("a");
		this.service.crdb(() -> {
			this.context.getBean(JdbcOrders.class).save(order);
			TransactionAttempt.current().orElseThrow().setRollbackOnly();
		});
		assertThat(order.events()).containsExactly("a");
		assertThat(this.listener.heard).isEmpty();
	}

	@Test
	void eventsThatAreKeptElsewhereAreTold(CapturedOutput output) {
		HiddenOrder order = new HiddenOrder();
		order.hidden.set(0, "a");
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb(() -> {
			this.context.getBean(HiddenOrders.class).save(order);
			throw new IllegalStateException("after saving");
		}));
		assertThat(output)
			.contains("has published domain events of a " + HiddenOrder.class.getName() + ", which has none any more");
	}

	private static int attempt() {
		return TransactionAttempt.current().orElseThrow().number();
	}

	private static boolean isFirst() {
		return attempt() == 1;
	}

	/**
	 * Have the first attempt fail with 40001.
	 */
	private void conflict() {
		Conflicts.read(this.jdbc, 1);
		if (isFirst()) {
			this.conflicts.lostUpdate(1);
		}
		Conflicts.add(this.jdbc, 1, 5);
	}

	/**
	 * Where aggregates are saved.
	 */
	enum Store {

		JDBC(JdbcOrders.class, "jdbc_order") {
			@Override
			Root create(String... events) {
				return new JdbcOrder(events);
			}
		},

		JPA(JpaOrders.class, "jpa_order") {
			@Override
			Root create(String... events) {
				return new JpaOrder(events);
			}
		},

		OWN(OwnOrders.class, "own_order") {
			@Override
			Root create(String... events) {
				return new OwnOrder(events);
			}
		};

		private final Class<?> repository;

		private final String table;

		Store(Class<?> repository, String table) {
			this.repository = repository;
			this.table = table;
		}

		abstract Root create(String... events);

		@SuppressWarnings("unchecked")
		private CrudRepository<Root, UUID> repository(DomainEventsUndoTests test) {
			return (CrudRepository<Root, UUID>) test.context.getBean(this.repository);
		}

		void save(DomainEventsUndoTests test, Root order) {
			repository(test).save(order);
		}

		void saveAll(DomainEventsUndoTests test, List<Root> orders) {
			repository(test).saveAll(orders);
		}

		void delete(DomainEventsUndoTests test, Root order) {
			repository(test).delete(order);
		}

	}

	interface Root {

		void register(String event);

		Collection<String> events();

	}

	/**
	 * An event; those of another test are the same class, too.
	 *
	 * @param text tells it from others
	 */
	record Happened(String text) {

		@Override
		public String toString() {
			return this.text;
		}

	}

	@Table("jdbc_order")
	static class JdbcOrder extends AbstractAggregateRoot<JdbcOrder> implements Root {

		@Id
		UUID id;

		String name = "jdbc";

		JdbcOrder(String... events) {
			Stream.of(events).forEach(this::register);
		}

		@Override
		public final void register(String event) {
			registerEvent(new Happened(event));
		}

		@Override
		public Collection<String> events() {
			return domainEvents().stream().map(Object::toString).toList();
		}

	}

	@Entity
	@jakarta.persistence.Table(name = "jpa_order")
	static class JpaOrder extends AbstractAggregateRoot<JpaOrder> implements Root {

		@jakarta.persistence.Id
		@GeneratedValue(strategy = GenerationType.UUID)
		UUID id;

		String name = "jpa";

		JpaOrder(String... events) {
			Stream.of(events).forEach(this::register);
		}

		JpaOrder() {
		}

		@Override
		public final void register(String event) {
			registerEvent(new Happened(event));
		}

		@Override
		public Collection<String> events() {
			return domainEvents().stream().map(Object::toString).toList();
		}

	}

	/**
	 * Keeps its events by itself, and makes a new collection each time.
	 */
	@Table("own_order")
	static class OwnOrder implements Root {

		@Id
		UUID id;

		String name = "own";

		@Transient
		private List<Happened> happened = List.of();

		OwnOrder(String... events) {
			Stream.of(events).forEach(this::register);
		}

		@Override
		public final void register(String event) {
			List<Happened> all = new ArrayList<>(this.happened);
			all.add(new Happened(event));
			this.happened = List.copyOf(all);
		}

		@DomainEvents
		Collection<Happened> happened() {
			return this.happened;
		}

		@AfterDomainEventPublication
		void published() {
			this.happened = List.of();
		}

		@Override
		public Collection<String> events() {
			return this.happened.stream().map(Object::toString).toList();
		}

	}

	@Table("hidden_order")
	static class HiddenOrder {

		@Id
		UUID id;

		String name = "hidden";

		@Transient
		AtomicReferenceArray<String> hidden = new AtomicReferenceArray<>(1);

		@DomainEvents
		Object event() {
			return this.hidden.get(0);
		}

		@AfterDomainEventPublication
		void published() {
			this.hidden.set(0, null);
		}

	}

	@CrdbTransactional
	interface JdbcOrders extends ListCrudRepository<JdbcOrder, UUID> {

	}

	interface JpaOrders extends JpaRepository<JpaOrder, UUID> {

	}

	interface OwnOrders extends ListCrudRepository<OwnOrder, UUID> {

	}

	interface HiddenOrders extends ListCrudRepository<HiddenOrder, UUID> {

	}

	/**
	 * Begins transactions.
	 */
	static class Service {

		@CrdbTransactional
		void crdb(Runnable work) {
			work.run();
		}

		@Transactional
		void spring(Runnable work) {
			work.run();
		}

	}

	/**
	 * Hears of what was committed.
	 */
	static class Listener {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		private Runnable during = () -> {
		};

		@EventListener
		void during(Happened event) {
			this.during.run();
		}

		@TransactionalEventListener
		void committed(Happened event) {
			this.heard.add(event.text());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "io.github.crdbspring.test")
	@EnableJdbcRepositories(considerNestedRepositories = true,
			includeFilters = @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE,
					classes = { JdbcOrders.class, OwnOrders.class, HiddenOrders.class }))
	@EnableJpaRepositories(considerNestedRepositories = true,
			includeFilters = @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = JpaOrders.class))
	@ImportAutoConfiguration({ CrdbAggregateAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
			CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
			DataJdbcRepositoriesAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			JdbcClientAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	@Import({ Service.class, Listener.class })
	static class Stores {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(JpaOrder.class.getName());
		}

	}

}
