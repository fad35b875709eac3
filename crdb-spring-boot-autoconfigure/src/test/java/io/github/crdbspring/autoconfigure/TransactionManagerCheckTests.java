package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.util.Map;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.Router;
import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.TransactionManagementConfigurer;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.SimpleTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that an application does not start whose annotated methods could not have a
 * transaction. Nothing listens where the URL points to, so that a connection would fail.
 */
class TransactionManagerCheckTests {

	private static final String METHOD = "@CrdbTransactional method void " + Service.class.getName()
			+ ".transfer() cannot run in a transaction. ";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues("crdb.url=postgresql://localhost:1/bank");

	@Test
	void withoutATransactionManagerItDoesNotStart() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=postgresql://localhost:1/bank")
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(UnusableTransactionManagerException.class)
				.hasMessageStartingWith(METHOD + "There is no bean of type PlatformTransactionManager."));
	}

	@Test
	void withSeveralOfThemAndNonePrimaryItDoesNotStart() {
		this.runner.withBean("first", PlatformTransactionManager.class, NoResource::new)
			.withBean("second", PlatformTransactionManager.class, NoResource::new)
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith(METHOD
						+ "There are several beans of type PlatformTransactionManager, none of them primary: [first, second].")
				.hasMessageContaining("attribute 'transactionManager'"));
	}

	@Test
	void withAWrongNameItDoesNotStart() {
		this.runner.withBean(MistakenService.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("MistakenService.transfer() cannot run in a transaction. No bean of type "
						+ "PlatformTransactionManager with the name or qualifier 'bankManager'")
				.hasMessageContaining("[transactionManager]"));
	}

	@Test
	void onAnotherProductItDoesNotStart() {
		this.runner.withBean("cache", DataSource.class, TransactionManagerCheckTests::h2)
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith(
						METHOD + "The transactions of 'transactionManager' are on connections of 'cache'")
				.hasMessageContaining("another product")
				.hasMessageContaining("the embedded PostgreSQL of crdb-spring-boot-test"));
	}

	@Test
	void onADataSourceThatWasMadeTooEarlyItDoesNotStart() {
		this.runner.withUserConfiguration(EarlyConfiguration.class)
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith(METHOD)
				.hasMessageContaining("connections of 'dataSource'. They are not guarded")
				.hasMessageContaining("BeanPostProcessor"));
	}

	@Test
	void withTransactionsOfSomethingElseItDoesNotStart() {
		this.runner.withBean(PlatformTransactionManager.class, QueueTransactionManager::new)
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith(METHOD)
				.hasMessageContaining("are not on a DataSource but on a queue."));
	}

	@Test
	void withTransactionsOfNothingItDoesNotStart() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(CrdbTransactionAutoConfiguration.class))
			.withBean(PlatformTransactionManager.class, NoResource::new)
			.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith(METHOD)
				.hasMessageContaining("are not on a DataSource."));
	}

	@Test
	void aBeanThatIsNotMadeAtStartUpIsFoundOutWhenItIsCalled() {
		this.runner.withBean(DataSource.class, TransactionManagerCheckTests::h2)
			.withUserConfiguration(LazyConfiguration.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Service service = context.getBean(Service.class);
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(service::transfer)
					.withStackTraceContaining("are not guarded");
			});
	}

	@Test
	void aRouterThatHasNoDefaultMayHaveItsTransactions() {
		this.runner
			.withBean(DataSource.class,
					() -> new Router(Map.of("bank", new DriverManagerDataSource("jdbc:postgresql://localhost:1/bank")),
							null))
			.withBean(Service.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theTransactionManagerOfAnotherProductMayBePrimary() {
		this.runner
			.withBean("cacheManager", JdbcTransactionManager.class, () -> manager(TransactionManagerCheckTests::h2),
					(definition) -> definition.setPrimary(true))
			.withBean("bankManager", JdbcTransactionManager.class, () -> manager(TransactionManagerCheckTests::guarded))
			.withBean(MistakenService.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void methodsOfSpringsAnnotationAreCheckedIfTheyAreRetried() {
		ApplicationContextRunner tooEarly = this.runner.withUserConfiguration(EarlyConfiguration.class)
			.withBean(SpringsService.class);
		tooEarly.run((context) -> assertThat(context).hasNotFailed());
		tooEarly.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith("@Transactional method void " + SpringsService.class.getName() + ".transfer()")
				.hasMessageContaining("are not guarded"));
	}

	@Test
	void methodsOfSpringsAnnotationOnAnotherProductJustRun() {
		this.runner.withBean(DataSource.class, TransactionManagerCheckTests::h2)
			.withBean(CountingService.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertRunsInATransaction(context.getBean(CountingService.class)));
	}

	@Test
	void methodsOfSpringsAnnotationOnTransactionsOfSomethingElseJustRun() {
		this.runner.withBean(PlatformTransactionManager.class, QueueTransactionManager::new)
			.withBean(CountingService.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertThat(context.getBean(CountingService.class).count()).isOne());
	}

	@Test
	void methodsOfSpringsAnnotationWithoutAnyDataSourceJustRun() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbTransactionAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withBean(PlatformTransactionManager.class, ResourcelessTransactionManager::new)
			.withBean(CountingService.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertRunsInATransaction(context.getBean(CountingService.class)));
	}

	@Test
	void theTransactionManagerThatTheApplicationChoosesIsTaken() {
		this.runner.withBean("first", JdbcTransactionManager.class, () -> manager(TransactionManagerCheckTests::h2))
			.withBean("second", JdbcTransactionManager.class, () -> manager(TransactionManagerCheckTests::guarded))
			.withUserConfiguration(ChoosingConfiguration.class)
			.withBean(Service.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private static void assertRunsInATransaction(CountingService service) {
		assertThat(service.count()).isOne();
		assertThat(service.isInTransaction()).isTrue();
		assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(service::conflict);
		assertThat(service.count()).isEqualTo(3);
	}

	@Test
	void aTransactionManagerThatDoesNotTellItsBeginningIsOnlyRefusedWhereThatIsNeeded() {
		ApplicationContextRunner withNoResource = this.runner.withBean(PlatformTransactionManager.class,
				NoResource::new);
		withNoResource.withBean(Service.class).run((context) -> assertThat(context).hasNotFailed());
		withNoResource.withBean(SpringsService.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageStartingWith("@Transactional method void ")
				.hasMessageContaining("nothing tells when they begin"));
	}

	private static JdbcTransactionManager manager(Supplier<DataSource> dataSource) {
		return new JdbcTransactionManager(dataSource.get());
	}

	private static DataSource h2() {
		return new DriverManagerDataSource("jdbc:h2:mem:test");
	}

	private static DataSource guarded() {
		return new CrdbDataSource(new DriverManagerDataSource("jdbc:postgresql://localhost:1/bank"));
	}

	static class Service {

		@CrdbTransactional
		void transfer() {
			throw new UnsupportedOperationException();
		}

	}

	static class MistakenService {

		@CrdbTransactional(transactionManager = "bankManager")
		void transfer() {
			throw new UnsupportedOperationException();
		}

	}

	static class SpringsService {

		@Transactional
		void transfer() {
			throw new UnsupportedOperationException();
		}

	}

	/**
	 * Notes how it is called.
	 */
	static class CountingService {

		private int calls;

		private boolean inTransaction;

		@Transactional
		int count() {
			this.inTransaction = TransactionSynchronizationManager.isActualTransactionActive();
			return ++this.calls;
		}

		@Transactional
		void conflict() {
			this.calls++;
			throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
		}

		boolean isInTransaction() {
			return this.inTransaction;
		}

	}

	/**
	 * Has nothing that its transactions are on.
	 */
	static class NoResource implements PlatformTransactionManager {

		@Override
		public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
			return new SimpleTransactionStatus();
		}

		@Override
		public void commit(TransactionStatus status) {
		}

		@Override
		public void rollback(TransactionStatus status) {
		}

	}

	/**
	 * Has transactions of something that is not a database.
	 */
	static class QueueTransactionManager extends NoResource implements ResourceTransactionManager {

		@Override
		public Object getResourceFactory() {
			return "a queue";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyConfiguration {

		@Bean
		@Lazy
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ChoosingConfiguration implements TransactionManagementConfigurer {

		private final PlatformTransactionManager chosen;

		ChoosingConfiguration(@Qualifier("second") PlatformTransactionManager chosen) {
			this.chosen = chosen;
		}

		@Override
		public TransactionManager annotationDrivenTransactionManager() {
			return this.chosen;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyConfiguration {

		@Bean
		static EarlyPostProcessor earlyPostProcessor(DataSource dataSource) {
			assertThat(dataSource).isNotNull();
			return new EarlyPostProcessor();
		}

	}

	/**
	 * Is made with all that it needs before others can see that.
	 */
	static class EarlyPostProcessor implements BeanPostProcessor, Ordered {

		@Override
		public int getOrder() {
			return 0;
		}

	}

}
