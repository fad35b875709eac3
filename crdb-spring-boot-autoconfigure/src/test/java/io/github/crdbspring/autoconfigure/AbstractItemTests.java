package io.github.crdbspring.autoconfigure;

import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/**
 * Base for tests of applications whose services store items.
 */
@DatabaseTest
abstract class AbstractItemTests {

	private TestDatabase database;

	/**
	 * Runs an application on the database with JDBC and transactions.
	 */
	ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		testDatabase.jdbc().sql("DELETE FROM item").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=3", "spring.datasource.hikari.minimum-idle=0");
	}

	List<Integer> items() {
		return this.database.jdbc().sql("SELECT id FROM item ORDER BY id").query(Integer.class).list();
	}

}
