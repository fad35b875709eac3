package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;
import org.springframework.transaction.interceptor.NameMatchTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the transaction managers and attributes of methods of Spring's own
 * {@code @Transactional} that are retried: they stay the user's own.
 */
@DatabaseTest
class RetrySpringTransactionalManagerTests {

	private TestDatabase database;

	private WireProxy proxy;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.proxy = testDatabase.proxy();
		testDatabase.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT)").update();
		testDatabase.jdbc().sql("DELETE FROM item").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
							DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
							JdbcClientAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
							TransactionAutoConfiguration.class, TransactionManagerCustomizationAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(this.proxy), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "spring.datasource.hikari.maximum-pool-size=3",
					"spring.datasource.hikari.minimum-idle=0", "crdb.transaction.retry-spring-transactional=true")
			.withBean(Service.class)
			.withBean(EndRecorder.class);
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void theFirstCallAddsNoListenerToTheTransactionManager() {
		this.runner.run((context) -> {
			JdbcTransactionManager transactionManager = context.getBean(JdbcTransactionManager.class);
			Collection<TransactionExecutionListener> listeners = List
				.copyOf(transactionManager.getTransactionExecutionListeners());
			context.getBean(Service.class).insertWithConflict();
			assertThat(context.getBean(Service.class).attempts()).containsExactly(1, 2);
			assertThat(transactionManager.getTransactionExecutionListeners()).containsExactlyElementsOf(listeners);
		});
	}

	@Test
	void theFirstCallDoesNotDisturbATransactionThatIsBeginning() {
		BlockingListener listener = new BlockingListener();
		this.runner.withBean(TransactionExecutionListener.class, () -> listener).run((context) -> {
			TransactionTemplate template = context.getBean(TransactionTemplate.class);
			CompletableFuture<Boolean> beginning = CompletableFuture.supplyAsync(() -> {
				listener.blocked = Thread.currentThread();
				try {
					template.executeWithoutResult((status) -> context.getBean(Service.class).insert());
				}
				finally {
					listener.blocked = null;
				}
				return TransactionSynchronizationManager.isSynchronizationActive();
			});
			assertThat(listener.reached.await(30, TimeUnit.SECONDS)).isTrue();
			context.getBean(Service.class).insertWithConflict();
			listener.goOn.countDown();
			assertThat(beginning.get(30, TimeUnit.SECONDS)).isFalse();
			assertThat(items()).isEqualTo(2);
			assertThat(context.getBean(DataSource.class)
				.unwrap(HikariDataSource.class)
				.getHikariPoolMXBean()
				.getActiveConnections()).isZero();
		});
	}

	@Test
	void aTransactionManagerWhoseListenersCannotBeAddedToIsTaken() {
		this.runner.withUserConfiguration(FixedListenersConfiguration.class).run((context) -> {
			context.getBean(Service.class).insertWithConflict();
			assertThat(context.getBean(Service.class).attempts()).containsExactly(1, 2);
			assertThat(context.getBean(CountingListener.class).begun).hasSize(2);
		});
		assertThat(items()).isOne();
	}

	@Test
	void theOutcomeIsKnownWithoutSynchronizationToo() {
		this.runner.withUserConfiguration(WithoutSynchronizationConfiguration.class).run((context) -> {
			Service service = context.getBean(Service.class);
			service.insertWithConflict();
			assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> service.run(() -> {
				service.insert();
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
			assertThat(context.getBean(EndRecorder.class).ends).containsExactly("COMMITTED 2", "AMBIGUOUS 1");
		});
		assertThat(items()).isEqualTo(2);
	}

	@Test
	void methodsThatSpringFindsWithoutAnnotationAreRetriedToo() {
		this.runner.withUserConfiguration(NamesConfiguration.class).run((context) -> {
			context.getBean(Service.class).transferWithConflict();
			assertThat(context.getBean(Service.class).attempts()).containsExactly(1, 2);
		});
		assertThat(items()).isOne();
	}

	@Test
	void aTransactionThatIsNotTheDatabasesIsNotRepeated() {
		this.runner.withUserConfiguration(ResourcelessConfiguration.class).run((context) -> {
			Service service = context.getBean(Service.class);
			assertThatException().isThrownBy(service::insertWithConflict);
			assertThat(service.attempts()).hasSizeLessThan(2);
		});
		assertThat(items()).isLessThan(2);
	}

	private int items() {
		return this.database.jdbc().sql("SELECT count(*) FROM item").query(Integer.class).single();
	}

	/**
	 * What is retried.
	 */
	static class Service {

		private final List<Integer> attempts = new ArrayList<>();

		private final JdbcClient jdbc;

		Service(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		List<Integer> attempts() {
			return this.attempts;
		}

		@Transactional
		void insertWithConflict() {
			transferWithConflict();
		}

		@Transactional
		void run(Runnable work) {
			work.run();
		}

		void transferWithConflict() {
			insert();
			this.attempts.add(TransactionAttempt.current().map(TransactionAttempt::number).orElse(0));
			if (this.attempts.size() == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		}

		void insert() {
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
		}

	}

	/**
	 * Notes how transactions end, and after how many attempts.
	 */
	static class EndRecorder implements TransactionObserver, TransactionObserver.Observed {

		private final List<String> ends = new CopyOnWriteArrayList<>();

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return this;
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
			this.ends.add(outcome + " " + ((last != null) ? last.number() : 0));
		}

	}

	/**
	 * Has one thread wait while it is told of a beginning.
	 */
	private static final class BlockingListener implements TransactionExecutionListener {

		private final CountDownLatch reached = new CountDownLatch(1);

		private final CountDownLatch goOn = new CountDownLatch(1);

		private volatile Thread blocked;

		@Override
		public void beforeBegin(TransactionExecution transaction) {
			if (Thread.currentThread() != this.blocked) {
				return;
			}
			this.reached.countDown();
			try {
				this.goOn.await(30, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	/**
	 * Counts beginnings.
	 */
	static class CountingListener implements TransactionExecutionListener {

		private final List<TransactionExecution> begun = new ArrayList<>();

		@Override
		public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
			this.begun.add(transaction);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FixedListenersConfiguration {

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource, CountingListener listener) {
			JdbcTransactionManager transactionManager = new JdbcTransactionManager(dataSource);
			transactionManager.setTransactionExecutionListeners(List.of(listener));
			return transactionManager;
		}

		@Bean
		CountingListener countingListener() {
			return new CountingListener();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutSynchronizationConfiguration {

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			JdbcTransactionManager transactionManager = new JdbcTransactionManager(dataSource);
			transactionManager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
			return transactionManager;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesConfiguration {

		@Bean
		@Primary
		static TransactionAttributeSource methodNames() {
			NameMatchTransactionAttributeSource source = new NameMatchTransactionAttributeSource();
			source.addTransactionalMethod("transfer*", new DefaultTransactionAttribute());
			return source;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ResourcelessConfiguration {

		@Bean
		ResourcelessTransactionManager transactionManager() {
			return new ResourcelessTransactionManager();
		}

	}

}
