package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.Router;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.apache.commons.dbcp2.BasicDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for several DataSources in one application, and for pools other than HikariCP.
 */
@DatabaseTest
class SeveralDataSourcesTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues("crdb.transaction.backoff.initial-interval=0");

	@Test
	void eachDataSourceHasItsOwnTransactions(TestDatabase database) {
		database.jdbc().sql("CREATE TABLE transfer (attempt INT PRIMARY KEY)").update();
		database.jdbc().sql("CREATE TABLE record (attempt INT PRIMARY KEY)").update();
		this.runner.withUserConfiguration(TwoDataSourcesConfiguration.class)
			.withBean(TestDatabase.class, () -> database, (definition) -> definition.setDestroyMethodName(""))
			.run((context) -> {
				assertThat(context.getBean("bank")).isInstanceOf(CrdbDataSource.class);
				assertThat(context.getBean("audit")).isInstanceOf(CrdbDataSource.class);
				assertThat(context.getBean("cache")).isExactlyInstanceOf(JdbcDataSource.class);
				TransferService service = context.getBean(TransferService.class);
				service.transfer();
				assertThat(service.attempts()).containsExactly(1, 2);
				assertThat(attempts(database, "transfer")).containsExactly(2);
				assertThat(attempts(database, "record")).containsExactly(1, 2);
			});
	}

	private static List<Integer> attempts(TestDatabase database, String table) {
		return database.jdbc().sql("SELECT attempt FROM " + table + " ORDER BY attempt").query(Integer.class).list();
	}

	@ParameterizedTest
	@ValueSource(classes = { org.apache.tomcat.jdbc.pool.DataSource.class, BasicDataSource.class })
	void connectionsOfAnotherPoolAreGuarded(Class<?> type, TestDatabase database) {
		this.runner
			.withPropertyValues("crdb.url=" + database.url(), "crdb.password=any",
					"spring.datasource.type=" + type.getName())
			.run((context) -> {
				CrdbDataSource dataSource = context.getBean(CrdbDataSource.class);
				assertThat(dataSource.getTargetDataSource()).isInstanceOf(type);
				assertThat(dataSource.getServerInfo()).isEqualTo(database.serverInfo());
				assertCommitIsGuarded(dataSource);
			});
	}

	@Test
	void connectionsThatARouterChoosesAreGuarded(TestDatabase database) {
		DataSource router = new Router(Map.of(), database.pool(2));
		this.runner.withBean("dataSource", DataSource.class, () -> router).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(router);
			assertCommitIsGuarded(router);
		});
	}

	@Test
	void connectionsBeneathATransactionAwareProxyAreGuarded(TestDatabase database) {
		DataSource proxy = new TransactionAwareDataSourceProxy(database.pool(2));
		this.runner.withBean("dataSource", DataSource.class, () -> proxy).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(proxy);
			assertCommitIsGuarded(proxy);
		});
	}

	/**
	 * What an unguarded connection would report as a success, although nothing was
	 * committed.
	 */
	private static void assertCommitIsGuarded(DataSource dataSource) {
		JdbcClient jdbc = JdbcClient.create(dataSource);
		TransactionTemplate template = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> swallowAnError(jdbc)))
			.havingCause()
			.isInstanceOf(FailedTransactionCommitException.class);
	}

	private static void swallowAnError(JdbcClient jdbc) {
		try {
			jdbc.sql("SELECT 1/0").query(Integer.class).single();
		}
		catch (DataAccessException ex) {
			assertThat(ex).hasMessageContaining("zero");
		}
	}

	/**
	 * Records each attempt of a transfer, also of one that fails.
	 */
	static class TransferService {

		private final List<Integer> attempts = new ArrayList<>();

		private final JdbcClient bank;

		private final AuditService audit;

		TransferService(DataSource bank, AuditService audit) {
			this.bank = JdbcClient.create(bank);
			this.audit = audit;
		}

		List<Integer> attempts() {
			return this.attempts;
		}

		@CrdbTransactional
		void transfer() {
			int attempt = TransactionAttempt.current().orElseThrow().number();
			this.attempts.add(attempt);
			this.audit.record(attempt);
			this.bank.sql("INSERT INTO transfer VALUES (?)").param(attempt).update();
			if (attempt == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		}

	}

	/**
	 * Has transactions on a DataSource of its own.
	 */
	static class AuditService {

		private final JdbcClient audit;

		AuditService(DataSource audit) {
			this.audit = JdbcClient.create(audit);
		}

		@CrdbTransactional(transactionManager = "auditManager")
		void record(int attempt) {
			this.audit.sql("INSERT INTO record VALUES (?)").param(attempt).update();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSourcesConfiguration {

		@Bean(destroyMethod = "")
		@Primary
		DataSource bank(TestDatabase database) {
			return database.pool(2);
		}

		@Bean(destroyMethod = "")
		DataSource audit(TestDatabase database) {
			return database.pool(2);
		}

		@Bean
		DataSource cache() {
			return new JdbcDataSource();
		}

		@Bean
		@Primary
		JdbcTransactionManager bankManager(DataSource bank) {
			return new JdbcTransactionManager(bank);
		}

		@Bean
		JdbcTransactionManager auditManager(@Qualifier("audit") DataSource audit) {
			return new JdbcTransactionManager(audit);
		}

		@Bean
		TransferService transferService(DataSource bank, AuditService audit) {
			return new TransferService(bank, audit);
		}

		@Bean
		AuditService auditService(@Qualifier("audit") DataSource audit) {
			return new AuditService(audit);
		}

	}

}
