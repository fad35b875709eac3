package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

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
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
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
class TransactionManagerChoiceTests extends AbstractItemTests {

	@BeforeEach
	void addBeans() {
		this.runner = this.runner.withBean(Items.class);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void theOnlyManagerIsRefusedIfItIsNoneOfADatabase(int conflicts) {
		this.runner.withBean(ResourcelessTransactionManager.class).withBean(Service.class).run((context) -> {
			assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(() -> context.getBean(Service.class).call(conflicts));
			assertThat(context.getBean(Items.class).attempts).isEmpty();
		});
		assertThat(items()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void aManagerThatIsNamedIsRefusedIfItIsNoneOfADatabase(int conflicts) {
		this.runner.withUserConfiguration(MessagesConfiguration.class)
			.withBean(MessagesService.class)
			.run((context) -> {
				assertThatExceptionOfType(IllegalTransactionStateException.class)
					.isThrownBy(() -> context.getBean(MessagesService.class).call(conflicts));
				assertThat(context.getBean(Items.class).attempts).isEmpty();
			});
		assertThat(items()).isEmpty();
	}

	@Test
	void aManagerOfADatabaseIsTakenBesidesOneThatIsNot() {
		this.runner.withUserConfiguration(MessagesConfiguration.class).withBean(Service.class).run((context) -> {
			context.getBean(Service.class).call(1);
			assertThat(context.getBean(Items.class).attempts).containsExactly(1, 2);
		});
		assertThat(items()).hasSize(1);
	}

	@Test
	void firstCallsAtTheSameTimeShareOneTemplate() {
		this.runner.withUserConfiguration(SecondManagerConfiguration.class).run((context) -> {
			SecondManagerService service = context.getBean(SecondManagerService.class);
			CompletableFuture
				.allOf(CompletableFuture.runAsync(service::call), CompletableFuture.runAsync(service::call))
				.get(30, TimeUnit.SECONDS);
			assertThat(context.getBean(Limits.class).names).containsOnlyOnce("second");
		});
		assertThat(items()).hasSize(2);
	}

	/**
	 * What the services write.
	 */
	static class Items {

		private final AtomicInteger ids = new AtomicInteger();

		private final List<Integer> attempts = new CopyOnWriteArrayList<>();

		private final JdbcClient jdbc;

		Items(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		void insert(int conflicts) {
			this.attempts.add(TransactionAttempt.current().orElseThrow().number());
			this.jdbc.sql("INSERT INTO item VALUES (?)").param(this.ids.incrementAndGet()).update();
			if (this.attempts.size() <= conflicts) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		}

	}

	/**
	 * Has the transactions of the only or primary manager.
	 */
	static class Service {

		private final Items items;

		Service(Items items) {
			this.items = items;
		}

		@CrdbTransactional
		void call(int conflicts) {
			this.items.insert(conflicts);
		}

	}

	/**
	 * Has the transactions of a manager that is none of a database.
	 */
	static class MessagesService {

		private final Items items;

		MessagesService(Items items) {
			this.items = items;
		}

		@CrdbTransactional(transactionManager = "messages")
		void call(int conflicts) {
			this.items.insert(conflicts);
		}

	}

	/**
	 * Has the transactions of another manager than the primary one.
	 */
	static class SecondManagerService {

		private final Items items;

		SecondManagerService(Items items) {
			this.items = items;
		}

		@CrdbTransactional(transactionManager = "second", name = "second")
		void call() {
			this.items.insert(0);
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
	static class MessagesConfiguration {

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
		@Lazy
		SecondManagerService service(Items items) {
			return new SecondManagerService(items);
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
