package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for annotated methods in applications whose transaction managers are several, or
 * none of a database.
 */
@DatabaseTest
class TransactionManagerChoiceTests {

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT)").update();
		testDatabase.jdbc().sql("DELETE FROM item").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=3", "spring.datasource.hikari.minimum-idle=0")
			.withBean(Service.class);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void theOnlyManagerIsRefusedIfItIsNoneOfADatabase(int conflicts) {
		this.runner.withBean(ResourcelessTransactionManager.class).run((context) -> {
			Service service = context.getBean(Service.class);
			assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(() -> service.withTheOnlyManager(conflicts));
			assertThat(service.attempts()).isEmpty();
		});
		assertThat(items()).isZero();
	}

	@Test
	void aManagerThatIsNamedIsRefusedIfItIsNoneOfADatabase() {
		this.runner.withUserConfiguration(MessagingConfiguration.class).run((context) -> {
			Service service = context.getBean(Service.class);
			assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(service::withTheManagerOfMessages);
			assertThat(service.attempts()).isEmpty();
			service.withTheOnlyManager(1);
			assertThat(service.attempts()).containsExactly(1, 2);
		});
		assertThat(items()).isOne();
	}

	@Test
	void firstCallsAtTheSameTimeShareOneTemplate() {
		this.runner.withUserConfiguration(SecondManagerConfiguration.class).run((context) -> {
			Service service = context.getBean(Service.class);
			CompletableFuture
				.allOf(CompletableFuture.runAsync(service::withTheSecondManager),
						CompletableFuture.runAsync(service::withTheSecondManager))
				.get(30, TimeUnit.SECONDS);
			assertThat(context.getBean(Limits.class).names).containsOnlyOnce("second");
		});
		assertThat(items()).isEqualTo(2);
	}

	private int items() {
		return this.database.jdbc().sql("SELECT count(*) FROM item").query(Integer.class).single();
	}

	/**
	 * What is annotated.
	 */
	static class Service {

		private final List<Integer> attempts = new CopyOnWriteArrayList<>();

		private final JdbcClient jdbc;

		Service(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		List<Integer> attempts() {
			return this.attempts;
		}

		@CrdbTransactional
		void withTheOnlyManager(int conflicts) {
			insert();
			if (this.attempts.size() <= conflicts) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		}

		@CrdbTransactional(transactionManager = "messages")
		void withTheManagerOfMessages() {
			insert();
		}

		@CrdbTransactional(transactionManager = "second", name = "second")
		void withTheSecondManager() {
			insert();
		}

		private void insert() {
			this.attempts.add(TransactionAttempt.current().orElseThrow().number());
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
		}

	}

	/**
	 * Has the names of transactions that can be limited, once for each template.
	 */
	static class Limits {

		private final List<String> names = new CopyOnWriteArrayList<>();

		private final CyclicBarrier twoTemplates = new CyclicBarrier(2);

	}

	/**
	 * Takes note of limits. Has the template that it is made for wait a moment for
	 * another one, which there may be.
	 */
	static class LimitObserver implements TransactionObserver {

		private final Limits limits;

		LimitObserver(Limits limits) {
			this.limits = limits;
			try {
				limits.twoTemplates.await(500, TimeUnit.MILLISECONDS);
			}
			catch (TimeoutException | BrokenBarrierException ex) {
				// There is no other one, which is what is tested
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return Observed.NOTHING;
		}

		@Override
		public void limitable(TransactionLimit limit) {
			this.limits.names.add(limit.name());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MessagingConfiguration {

		@Bean
		@Primary
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		ResourcelessTransactionManager messages() {
			return new ResourcelessTransactionManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SecondManagerConfiguration {

		@Bean
		@Primary
		JdbcTransactionManager first(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		JdbcTransactionManager second(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		Limits limits() {
			return new Limits();
		}

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		LimitObserver limitObserver(Limits limits) {
			return new LimitObserver(limits);
		}

	}

}
