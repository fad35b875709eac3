package io.github.crdbspring.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbAggregateAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
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
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Transient;
import org.springframework.data.annotation.Version;
import org.springframework.data.domain.Persistable;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link AggregateUndo}: aggregates that were made outside of the transaction
 * that saves them, as arguments are, and real conflicts.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class AggregateUndoTests {

	private TestDatabase database;

	private Conflicts conflicts;

	private WireProxy proxy;

	private AnnotationConfigApplicationContext context;

	private JdbcAggregateOperations aggregates;

	private JdbcClient jdbc;

	private Service service;

	@BeforeAll
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		Stream
			.of("CREATE TABLE ticket (id BIGSERIAL PRIMARY KEY, name TEXT)",
					"CREATE TABLE versioned (id BIGSERIAL PRIMARY KEY, version BIGINT NOT NULL, name TEXT)",
					"CREATE TABLE note (id UUID PRIMARY KEY, name TEXT)",
					"CREATE TABLE flagged (id UUID PRIMARY KEY, name TEXT)",
					"CREATE TABLE purchase (id BIGSERIAL PRIMARY KEY, version INT NOT NULL)",
					"CREATE TABLE line (id BIGSERIAL PRIMARY KEY, purchase BIGINT, purchase_key INT, name TEXT)",
					"CREATE TABLE tag (id BIGSERIAL PRIMARY KEY, purchase BIGINT, name TEXT)",
					"CREATE TABLE part (id BIGSERIAL PRIMARY KEY, line BIGINT, line_key TEXT, name TEXT)")
			.forEach((sql) -> testDatabase.jdbc().sql(sql).update());
		this.proxy = testDatabase.proxy();
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + testDatabase.url(this.proxy), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "crdb.transaction.retry-spring-transactional=true",
					"spring.datasource.hikari.maximum-pool-size=3", "spring.datasource.hikari.minimum-idle=0")
			.applyTo(this.context);
		this.context.register(DataJdbc.class);
		this.context.refresh();
		this.aggregates = this.context.getBean(JdbcAggregateOperations.class);
		this.jdbc = this.context.getBean(JdbcClient.class);
		this.service = this.context.getBean(Service.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.context.close();
		this.proxy.close();
	}

	@BeforeEach
	void reset() {
		this.conflicts.reset();
		for (String table : List.of("ticket", "versioned", "note", "flagged", "purchase", "line", "tag", "part")) {
			this.database.jdbc().sql("DELETE FROM " + table).update();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "FOREIGN_REQUIRES_NEW", mode = EnumSource.Mode.EXCLUDE)
	void aNewAggregateIsStoredByTheSecondAttempt(Way way) {
		Ticket ticket = new Ticket("a");
		way.run(this, () -> {
			this.aggregates.save(ticket);
			conflict();
		});
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void aConflictAtCommitIsTheSame() {
		Ticket ticket = new Ticket("a");
		this.service.crdb(() -> {
			int balance = Conflicts.read(this.jdbc, 1);
			this.aggregates.save(ticket);
			Runnable write = () -> this.jdbc.sql("UPDATE account SET balance = ? WHERE id = 2").param(balance).update();
			if (isFirst()) {
				this.conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void aVersionIsCountedUpOnce() {
		Versioned versioned = new Versioned();
		this.service.crdb(() -> {
			this.aggregates.save(versioned);
			conflict();
		});
		assertThat(ids("versioned")).containsExactly(versioned.id);
		assertThat(versioned.version).isZero();
		this.conflicts.reset();
		versioned.name = "changed";
		this.service.crdb(() -> {
			this.aggregates.save(versioned);
			conflict();
		});
		assertThat(versioned.version).isOne();
		assertThat(this.database.jdbc().sql("SELECT name FROM versioned").query(String.class).single())
			.isEqualTo("changed");
	}

	@Test
	void whatAnAggregateContainsIsStoredByTheSecondAttempt() {
		Purchase purchase = purchase();
		this.service.crdb(() -> {
			this.aggregates.save(purchase);
			conflict();
		});
		assertStored(purchase);
	}

	@Test
	void whatAnAggregateContainsIsAsItWasWhenTheCallFails() {
		Purchase purchase = purchase();
		List<Line> lines = purchase.lines;
		Set<Tag> tags = purchase.tags;
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb(() -> {
			this.aggregates.save(purchase);
			assertThat(purchase.tags).as("replaced").isNotSameAs(tags);
			throw new IllegalStateException("after saving");
		}));
		assertThat(purchase.id).isNull();
		assertThat(purchase.version).isNull();
		assertThat(purchase.lines).isSameAs(lines).extracting((line) -> line.id).containsOnlyNulls();
		assertThat(purchase.lines).flatExtracting((line) -> line.parts.values())
			.extracting((part) -> part.id)
			.containsOnlyNulls();
		assertThat(purchase.tags).isSameAs(tags).extracting(Tag::id).containsOnlyNulls();
		this.aggregates.save(purchase);
		assertStored(purchase);
	}

	@Test
	void aChangeOfWhatAnAggregateContainsIsStoredByTheSecondAttempt() {
		Purchase purchase = purchase();
		this.aggregates.save(purchase);
		purchase.lines.add(new Line("c"));
		this.service.crdb(() -> {
			this.aggregates.save(purchase);
			conflict();
		});
		assertStored(purchase);
		assertThat(purchase.version).isOne();
	}

	@Test
	void allOfABatchAreStoredByTheSecondAttempt() {
		List<Ticket> tickets = List.of(new Ticket("a"), new Ticket("b"), new Ticket("c"));
		List<Versioned> versioned = List.of(new Versioned(), new Versioned());
		this.service.crdb(() -> {
			this.aggregates.saveAll(tickets);
			this.aggregates.insertAll(versioned);
			conflict();
		});
		assertThat(ids("ticket")).containsExactlyInAnyOrderElementsOf(tickets.stream().map((t) -> t.id).toList());
		assertThat(ids("versioned")).hasSize(2);
	}

	@Test
	void savingSeveralTimesIsUndoneToTheFirst() {
		Versioned versioned = new Versioned();
		this.service.crdb(() -> {
			this.aggregates.save(versioned);
			this.aggregates.save(versioned);
			this.aggregates.save(versioned);
			conflict();
		});
		assertThat(ids("versioned")).containsExactly(versioned.id);
		assertThat(versioned.version).isEqualTo(2);
	}

	@Test
	void anIdThatACallbackGivesIsSetBackToo() {
		Note note = new Note();
		this.service.crdb(() -> {
			this.aggregates.save(note);
			conflict();
		});
		assertThat(this.database.jdbc().sql("SELECT id FROM note").query(UUID.class).single()).isEqualTo(note.id);
	}

	@Test
	void whenAllAttemptsFailItIsNew() {
		Versioned versioned = new Versioned();
		assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(() -> this.service.crdb(() -> {
			this.aggregates.save(versioned);
			Conflicts.read(this.jdbc, 1);
			this.conflicts.lostUpdate(1);
			Conflicts.add(this.jdbc, 1, 5);
		}));
		assertThat(versioned.id).isNull();
		assertThat(versioned.version).isNull();
	}

	@Test
	void whenTheTransactionWasToBeRolledBackItIsNew() {
		Ticket ticket = new Ticket("a");
		this.service.crdb(() -> {
			this.aggregates.save(ticket);
			TransactionAttempt.current().orElseThrow().setRollbackOnly();
		});
		assertThat(ticket.id).isNull();
	}

	/**
	 * The id is what the caller can look for it with.
	 */
	@Test
	void whenTheOutcomeIsUnknownItKeepsItsId() {
		Ticket ticket = new Ticket("a");
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> this.service.crdb(() -> {
			this.aggregates.save(ticket);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		}));
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void aTransactionThatIsRepeatedAfterAnUnknownOutcomeBeginsAsTheFirstDid() {
		Ticket ticket = new Ticket("a");
		this.context.getBean(CrdbTransactionTemplate.class)
			.executeWithoutResult(CrdbTransactionOptions.builder().idempotent(true).build(), (status) -> {
				this.aggregates.save(ticket);
				if (isFirst()) {
					this.proxy.failNext("COMMIT", Fault.CUT_BEFORE);
				}
			});
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void whatAJoinedTransactionSavesBelongsToTheOutermost() {
		Ticket ticket = new Ticket("a");
		Ticket other = new Ticket("b");
		this.service.crdb(() -> {
			this.service.crdb(() -> this.aggregates.save(ticket));
			this.service.plain(() -> this.aggregates.save(other));
			conflict();
		});
		assertThat(ids("ticket")).containsExactlyInAnyOrder(ticket.id, other.id);
	}

	@ParameterizedTest
	@EnumSource(names = { "REQUIRES_NEW", "SPRINGS_REQUIRES_NEW", "FOREIGN_REQUIRES_NEW" })
	void whatATransactionOfItsOwnHasCommittedStays(Way inner) {
		Ticket ticket = new Ticket("a");
		this.service.crdb(() -> {
			inner.run(this, () -> this.aggregates.save(ticket));
			conflict();
		});
		assertThat(ids("ticket")).as("saved by the first attempt, and updated by the second")
			.containsExactly(ticket.id);
	}

	@Test
	void aTransactionOfItsOwnThatIsRunAgainStoresItToo() {
		Ticket ticket = new Ticket("a");
		this.service.crdb(() -> this.service.requiresNew(() -> {
			this.aggregates.save(ticket);
			conflict();
		}));
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void immutableAggregatesAreLeftAlone() {
		Stamp stamp = new Stamp(null, "a");
		List<Stamp> saved = new ArrayList<>();
		this.service.crdb(() -> {
			saved.add(this.aggregates.save(stamp));
			conflict();
		});
		assertThat(ids("ticket")).containsExactly(saved.get(1).id());
	}

	@Test
	void outsideOfATransactionNothingIsRemembered() {
		Ticket ticket = new Ticket("a");
		this.aggregates.save(ticket);
		assertThat(ids("ticket")).containsExactly(ticket.id);
	}

	@Test
	void oneThatStillSaysThatItIsNotNewIsTold(CapturedOutput output) {
		Flagged flagged = new Flagged();
		assertThatIllegalStateException().isThrownBy(() -> this.service.crdb(() -> {
			this.aggregates.save(flagged);
			flagged.stored = true;
			throw new IllegalStateException("after saving");
		}));
		assertThat(output).contains("A new " + Flagged.class.getName() + " was saved by a transaction that was rolled");
	}

	private static Purchase purchase() {
		Purchase purchase = new Purchase();
		purchase.lines.add(new Line("a"));
		purchase.lines.add(new Line("b"));
		purchase.lines.get(0).parts.put("left", new Part("l"));
		purchase.lines.get(0).parts.put("right", new Part("r"));
		purchase.tags.add(new Tag(null, "t"));
		return purchase;
	}

	private void assertStored(Purchase purchase) {
		assertThat(ids("purchase")).containsExactly(purchase.id);
		assertThat(ids("line")).containsExactlyInAnyOrderElementsOf(purchase.lines.stream().map((l) -> l.id).toList());
		assertThat(ids("tag")).containsExactlyInAnyOrderElementsOf(purchase.tags.stream().map(Tag::id).toList());
		assertThat(ids("part")).hasSize(2);
	}

	private List<Long> ids(String table) {
		return this.database.jdbc().sql("SELECT id FROM " + table).query(Long.class).list();
	}

	private static boolean isFirst() {
		return TransactionAttempt.current().orElseThrow().number() == 1;
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
	 * How a transaction is begun.
	 */
	enum Way {

		ANNOTATION {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				test.service.crdb(work);
			}
		},

		TEMPLATE {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				test.context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> work.run());
			}
		},

		SPRINGS_ANNOTATION {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				test.service.plain(work);
			}
		},

		REQUIRES_NEW {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				test.service.requiresNew(work);
			}
		},

		FOREIGN_REQUIRES_NEW {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				TransactionTemplate template = new TransactionTemplate(
						test.context.getBean(PlatformTransactionManager.class));
				template.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
				template.executeWithoutResult((status) -> work.run());
			}
		},

		SPRINGS_REQUIRES_NEW {
			@Override
			void run(AggregateUndoTests test, Runnable work) {
				test.service.plainRequiresNew(work);
			}
		};

		abstract void run(AggregateUndoTests test, Runnable work);

	}

	/**
	 * Begins transactions.
	 */
	static class Service {

		@CrdbTransactional
		void crdb(Runnable work) {
			work.run();
		}

		@CrdbTransactional(nested = NestedTransactionPolicy.REQUIRES_NEW)
		void requiresNew(Runnable work) {
			work.run();
		}

		@Transactional
		void plain(Runnable work) {
			work.run();
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void plainRequiresNew(Runnable work) {
			work.run();
		}

	}

	static class Ticket {

		@Id
		Long id;

		String name;

		Ticket(String name) {
			this.name = name;
		}

	}

	static class Versioned {

		@Id
		Long id;

		@Version
		Long version;

		String name = "v";

	}

	static class Note {

		@Id
		UUID id;

		String name = "n";

	}

	static class Flagged implements Persistable<UUID> {

		@Id
		UUID id = UUID.randomUUID();

		String name = "f";

		@Transient
		boolean stored;

		@Override
		public UUID getId() {
			return this.id;
		}

		@Override
		public boolean isNew() {
			return !this.stored;
		}

	}

	static class Purchase {

		@Id
		Long id;

		@Version
		Integer version;

		List<Line> lines = new ArrayList<>();

		Set<Tag> tags = new HashSet<>();

	}

	static class Line {

		@Id
		Long id;

		String name;

		Map<String, Part> parts = new HashMap<>();

		Line(String name) {
			this.name = name;
		}

	}

	static class Part {

		@Id
		Long id;

		String name;

		Part(String name) {
			this.name = name;
		}

	}

	record Tag(@Id Long id, String name) {

	}

	@Table("ticket")
	record Stamp(@Id Long id, String name) {

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "io.github.crdbspring.test")
	@ImportAutoConfiguration({ CrdbAggregateAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
			CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
			JdbcClientAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	static class DataJdbc {

		@Bean
		Service service() {
			return new Service();
		}

		@Bean
		BeforeConvertCallback<Note> noteIds() {
			return (note) -> {
				note.id = (note.id != null) ? note.id : UUID.randomUUID();
				return note;
			};
		}

	}

}
