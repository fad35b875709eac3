package io.github.crdbspring.stack;

import java.util.concurrent.atomic.AtomicReference;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Version;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.relational.core.mapping.Table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for version checks of Spring Data JDBC that fail.
 */
@DatabaseTest
class DataJdbcVersionTests {

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc()
			.sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY, version INT NOT NULL, amount INT NOT NULL)")
			.update();
		testDatabase.jdbc().sql("DELETE FROM item").update();
		testDatabase.jdbc().sql("INSERT INTO item VALUES (1, 1, 100)").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.minimum-idle=0")
			.withInitializer((context) -> AutoConfigurationPackages
				.register((BeanDefinitionRegistry) context.getBeanFactory(), TestDatabase.class.getPackageName()))
			.withBean(Transactions.class);
	}

	@Test
	void byDefaultTheExceptionIsThrownOn() {
		AtomicReference<RuntimeException> thrown = new AtomicReference<>();
		this.runner.run((context) -> assertThatExceptionOfType(OptimisticLockingFailureException.class)
			.isThrownBy(() -> addToItemThatWasRead(context, thrown))
			.satisfies((ex) -> assertThat(ex).isSameAs(thrown.get())));
		assertThat(amount()).isEqualTo(1100);
	}

	@Test
	void onRequestTheMethodIsRunAgain() {
		this.runner.withPropertyValues("crdb.transaction.retry-optimistic-locking=true")
			.run((context) -> addToItemThatWasRead(context, new AtomicReference<>()));
		assertThat(amount()).isEqualTo(1105);
	}

	/**
	 * Add to an item that the first attempt got from somewhere else, such as a cache, and
	 * that somebody has changed in the meantime.
	 */
	private void addToItemThatWasRead(ApplicationContext context, AtomicReference<RuntimeException> thrown) {
		JdbcAggregateTemplate template = context.getBean(JdbcAggregateTemplate.class);
		Item cached = template.findById(1, Item.class);
		this.database.jdbc().sql("UPDATE item SET version = 2, amount = 1100").update();
		context.getBean(Transactions.class).run(() -> {
			boolean first = TransactionAttempt.current().orElseThrow().number() == 1;
			Item item = first ? cached : template.findById(1, Item.class);
			try {
				template.save(new Item(1, item.version(), item.amount() + 5));
			}
			catch (OptimisticLockingFailureException ex) {
				thrown.set(ex);
				throw ex;
			}
		});
	}

	private int amount() {
		return this.database.jdbc().sql("SELECT amount FROM item").query(Integer.class).single();
	}

	@Table("item")
	record Item(@Id int id, @Version int version, int amount) {

	}

}
