package io.github.crdbspring.stack;

import java.lang.reflect.Method;
import java.util.List;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
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
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@code UPSERT} and {@code INSERT … ON CONFLICT}.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class UpsertTests {

	private static final String ON_CONFLICT = """
			INSERT INTO stock (id, code, amount) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET amount = excluded.amount""";

	private WireProxy proxy;

	private AnnotationConfigApplicationContext context;

	private JdbcClient jdbc;

	private DataJdbcStockRepository repository;

	@BeforeAll
	void start(TestDatabase database) {
		database.jdbc()
			.sql("CREATE TABLE stock (id INT PRIMARY KEY, code TEXT UNIQUE, amount INT NOT NULL DEFAULT 0)")
			.update();
		this.proxy = database.proxy();
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + database.url(this.proxy), "spring.datasource.hikari.maximum-pool-size=1",
					"crdb.transaction.backoff.initial-interval=0")
			.applyTo(this.context);
		this.context.register(DataJdbc.class);
		this.context.refresh();
		this.jdbc = this.context.getBean(JdbcClient.class);
		this.repository = this.context.getBean(DataJdbcStockRepository.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.context.close();
		this.proxy.close();
	}

	@BeforeEach
	void reset() {
		this.jdbc.sql("DELETE FROM stock").update();
		this.jdbc.sql("INSERT INTO stock VALUES (1, 'a', 10)").update();
	}

	@Test
	@RequiresCockroach
	void upsertWithJdbcClient() {
		int count = this.jdbc.sql("UPSERT INTO stock (id, code, amount) VALUES (?, ?, ?)").params(1, "a", 11).update();
		assertThat(count).isOne();
		assertThat(amount(1)).isEqualTo(11);
	}

	@Test
	void onConflictWithJdbcClient() {
		assertThat(this.jdbc.sql(ON_CONFLICT).params(1, "ignored", 11).update()).isOne();
		assertThat(this.jdbc.sql(ON_CONFLICT).params(2, "b", 20).update()).isOne();
		assertThat(rows()).containsExactly(new Stock(1, "a", 11), new Stock(2, "b", 20));
	}

	@Test
	@RequiresCockroach
	void upsertWithSpringDataJdbc() {
		assertThat(this.repository.upsert(1, "a", 11)).isOne();
		assertThat(this.repository.findById(1)).contains(new Stock(1, "a", 11));
	}

	@Test
	void onConflictWithSpringDataJdbc() {
		assertThat(this.repository.add(1, "a", 5)).isOne();
		assertThat(this.repository.add(2, "b", 5)).isOne();
		assertThat(rows()).containsExactly(new Stock(1, "a", 15), new Stock(2, "b", 5));
	}

	/**
	 * Spring Data JDBC has it since 4.1.
	 */
	@Test
	void upsertOfSpringDataJdbc() {
		Method upsert = ReflectionUtils.findMethod(JdbcAggregateOperations.class, "upsert", Object.class);
		Assumptions.assumeTrue(upsert != null, "No upsert in this version of Spring Data JDBC");
		JdbcAggregateOperations aggregates = this.context.getBean(JdbcAggregateOperations.class);
		this.proxy.clear();
		ReflectionUtils.invokeMethod(upsert, aggregates, new Stock(1, "a", 11));
		assertThat(this.proxy.statements()).anyMatch((sql) -> sql.contains(" ON CONFLICT (\"id\") DO UPDATE "));
		ReflectionUtils.invokeMethod(upsert, aggregates, new Stock(2, "b", 20));
		assertThat(rows()).containsExactly(new Stock(1, "a", 11), new Stock(2, "b", 20));
	}

	@Test
	@RequiresCockroach
	void upsertKnowsOfThePrimaryKeyOnly() {
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> this.jdbc.sql("UPSERT INTO stock (id, code, amount) VALUES (2, 'a', 1)").update());
		this.jdbc.sql("""
				INSERT INTO stock (id, code, amount) VALUES (2, 'a', 1)
				ON CONFLICT (code) DO UPDATE SET amount = excluded.amount""").update();
		assertThat(rows()).containsExactly(new Stock(1, "a", 1));
	}

	@Test
	@RequiresCockroach
	void upsertLeavesColumnsAloneThatAreNotListed() {
		this.jdbc.sql("UPSERT INTO stock (id, code) VALUES (1, 'b')").update();
		assertThat(rows()).containsExactly(new Stock(1, "b", 10));
	}

	@Test
	@RequiresCockroach
	void upsertWithoutAListOfColumnsSetsTheRestToTheirDefaults() {
		this.jdbc.sql("UPSERT INTO stock VALUES (1, 'b')").update();
		assertThat(rows()).containsExactly(new Stock(1, "b", 0));
	}

	@Test
	@RequiresCockroach
	void upsertReturns() {
		assertThat(
				this.jdbc.sql("UPSERT INTO stock VALUES (1, 'a', 11) RETURNING amount").query(Integer.class).single())
			.isEqualTo(11);
	}

	/**
	 * The driver does not know the statement.
	 */
	@Test
	@RequiresCockroach
	void aKeyHolderStaysEmptyAfterUpsert() {
		GeneratedKeyHolder keys = new GeneratedKeyHolder();
		this.jdbc.sql("UPSERT INTO stock VALUES (1, 'a', 11)").update(keys, "id");
		assertThat(keys.getKeyList()).isEmpty();
	}

	@Test
	void onConflictReturnsWhatItHasWritten() {
		assertThat(this.jdbc.sql(ON_CONFLICT + " RETURNING amount").params(1, "a", 11).query(Integer.class).single())
			.isEqualTo(11);
		GeneratedKeyHolder keys = new GeneratedKeyHolder();
		this.jdbc.sql(ON_CONFLICT).params(1, "a", 12).update(keys, "id");
		assertThat(keys.getKey()).isNotNull();
		assertThat(this.jdbc.sql("INSERT INTO stock VALUES (1, 'a', 1) ON CONFLICT DO NOTHING RETURNING id")
			.query(Integer.class)
			.list()).isEmpty();
	}

	/**
	 * A batch becomes one statement, which must not write a row twice.
	 */
	@Test
	void aBatchMustNotHaveAKeyTwice() {
		JdbcTemplate template = this.context.getBean(JdbcTemplate.class);
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> template.batchUpdate(ON_CONFLICT,
					List.of(new Object[] { 2, "b", 1 }, new Object[] { 2, "b", 2 })))
			.withStackTraceContaining("second time");
	}

	@Test
	@RequiresCockroach
	void aBatchOfUpsertsMayHaveAKeyTwice() {
		this.proxy.clear();
		this.context.getBean(JdbcTemplate.class)
			.batchUpdate("UPSERT INTO stock (id, code, amount) VALUES (?, ?, ?)",
					List.of(new Object[] { 2, "b", 1 }, new Object[] { 2, "b", 2 }));
		assertThat(this.proxy.statements()).filteredOn((sql) -> sql.startsWith("UPSERT")).hasSize(2);
		assertThat(amount(2)).isEqualTo(2);
	}

	/**
	 * The first attempt has been committed, and nobody knows.
	 */
	@Test
	void anotherAttemptDoesNoHarm() {
		CrdbTransactionTemplate template = this.context.getBean(CrdbTransactionTemplate.class);
		CrdbTransactionOptions idempotent = CrdbTransactionOptions.builder().idempotent(true).build();
		this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		int attempts = template.execute(idempotent, (status) -> {
			this.jdbc.sql(ON_CONFLICT).params(2, "b", 20).update();
			return TransactionAttempt.current().orElseThrow().number();
		});
		assertThat(attempts).isEqualTo(2);
		assertThat(rows()).containsExactly(new Stock(1, "a", 10), new Stock(2, "b", 20));
	}

	private int amount(int id) {
		return this.repository.findById(id).orElseThrow().amount();
	}

	private List<Stock> rows() {
		return this.jdbc.sql("SELECT id, code, amount FROM stock ORDER BY id").query(Stock.class).list();
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataJdbcRepositoriesAutoConfiguration.class, DataSourceAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class })
	static class DataJdbc {

	}

	@Table("stock")
	record Stock(@Id int id, String code, int amount) {

	}

}
