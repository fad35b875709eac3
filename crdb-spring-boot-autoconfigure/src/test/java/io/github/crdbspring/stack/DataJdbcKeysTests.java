package io.github.crdbspring.stack;

import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.relational.core.mapping.Sequence;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for keys that the database makes for aggregates of Spring Data JDBC.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class DataJdbcKeysTests {

	private WireProxy proxy;

	private AnnotationConfigApplicationContext context;

	private JdbcAggregateOperations aggregates;

	@BeforeAll
	void start(TestDatabase database) {
		database.jdbc().sql("""
				CREATE TABLE article (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name TEXT NOT NULL)""").update();
		database.jdbc().sql("CREATE TABLE ticket (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL)").update();
		database.jdbc().sql("CREATE SEQUENCE invoice_number").update();
		database.jdbc().sql("CREATE TABLE invoice (id BIGINT PRIMARY KEY, name TEXT NOT NULL)").update();
		database.jdbc().sql("CREATE TABLE note (id UUID PRIMARY KEY, name TEXT NOT NULL)").update();
		database.jdbc().sql("CREATE TABLE orders (id UUID PRIMARY KEY DEFAULT gen_random_uuid())").update();
		database.jdbc().sql("""
				CREATE TABLE item (orders UUID REFERENCES orders, orders_key INT, name TEXT,
				PRIMARY KEY (orders, orders_key))""").update();
		this.proxy = database.proxy();
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of("crdb.url=" + database.url(this.proxy), "spring.datasource.hikari.maximum-pool-size=1")
			.applyTo(this.context);
		this.context.register(DataJdbc.class);
		this.context.refresh();
		this.aggregates = this.context.getBean(JdbcAggregateOperations.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.context.close();
		this.proxy.close();
	}

	@BeforeEach
	void clear() {
		this.proxy.clear();
	}

	@Test
	void saveSetsAUuid() {
		Article saved = this.aggregates.save(new Article(null, "a"));
		assertThat(inserts()).singleElement().asString().endsWith("RETURNING *");
		assertThat(saved.id()).isNotNull();
		assertThat(this.aggregates.findById(saved.id(), Article.class)).isEqualTo(saved);
	}

	@Test
	void saveSetsARowId() {
		Ticket saved = this.aggregates.save(new Ticket(null, "t"));
		assertThat(saved.id()).isPositive();
		assertThat(this.aggregates.findById(saved.id(), Ticket.class)).isEqualTo(saved);
	}

	@Test
	void saveAllSetsUuids() {
		List<Article> saved = this.aggregates.saveAll(hundred((name) -> new Article(null, name)));
		assertThat(inserts()).hasSize(100).allMatch((sql) -> sql.endsWith("RETURNING *"));
		assertThat(this.aggregates.findAll(Article.class)).containsAll(saved);
	}

	@Test
	void saveAllSetsRowIds() {
		List<Ticket> saved = this.aggregates.saveAll(hundred((name) -> new Ticket(null, name)));
		assertThat(inserts()).hasSize(100);
		assertThat(this.aggregates.findAll(Ticket.class)).containsAll(saved);
	}

	/**
	 * Nothing has to come back then, so that the driver writes multi-row inserts.
	 */
	@Test
	void aUuidOfTheApplicationsIsCheaper() {
		List<Note> saved = this.aggregates.saveAll(hundred((name) -> new Note(null, name)));
		assertThat(inserts()).as("of 64, 32 and 4 rows").hasSize(3);
		assertThat(this.proxy.roundTrips()).isLessThan(5);
		assertThat(saved).extracting(Note::id).doesNotContainNull().doesNotHaveDuplicates();
		assertThat(this.aggregates.findAll(Note.class)).containsAll(saved);
	}

	@Test
	void aSequenceIsAskedForEachRow() {
		List<Invoice> saved = this.aggregates.saveAll(hundred((name) -> new Invoice(null, name)));
		assertThat(this.proxy.statements()).filteredOn((sql) -> sql.contains("nextval")).hasSize(100);
		assertThat(inserts()).hasSize(3);
		assertThat(this.proxy.roundTrips()).isBetween(101, 105);
		assertThat(this.aggregates.findAll(Invoice.class)).containsAll(saved);
	}

	/**
	 * The children's keys are the aggregate's, and the position in the list. They are
	 * read while the aggregate is, which takes another connection outside a transaction.
	 */
	@Test
	void childrenGetTheKeyOfTheirAggregate() {
		Order saved = this.aggregates.save(new Order(null, List.of(new Item("a"), new Item("b"))));
		assertThat(inserts()).hasSize(2);
		TransactionTemplate transaction = this.context.getBean(TransactionTemplate.class);
		assertThat(transaction.<Order>execute((status) -> this.aggregates.findById(saved.id(), Order.class)))
			.isEqualTo(saved);
	}

	private static <T> List<T> hundred(Function<String, T> factory) {
		return IntStream.range(0, 100).mapToObj((i) -> factory.apply("name " + i)).toList();
	}

	private List<String> inserts() {
		return this.proxy.statements().stream().filter((sql) -> sql.startsWith("INSERT")).toList();
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class })
	static class DataJdbc {

		@Bean
		BeforeConvertCallback<Note> noteIds() {
			return (note) -> (note.id() != null) ? note : new Note(UUID.randomUUID(), note.name());
		}

	}

	/**
	 * Has a UUID of the database's.
	 */
	@Table("article")
	record Article(@Id UUID id, String name) {

	}

	/**
	 * Has a row id on CockroachDB, and a number of a sequence on PostgreSQL.
	 */
	@Table("ticket")
	record Ticket(@Id Long id, String name) {

	}

	/**
	 * Has a UUID of the application's.
	 */
	@Table("note")
	record Note(@Id UUID id, String name) {

	}

	/**
	 * Has children in a list.
	 */
	@Table("orders")
	record Order(@Id UUID id, List<Item> items) {

	}

	@Table("item")
	record Item(String name) {

	}

	/**
	 * Has a number that is asked for before it is inserted.
	 */
	@Table("invoice")
	record Invoice(@Id @Sequence(sequence = "invoice_number") Long id, String name) {

	}

}
