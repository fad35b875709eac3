package io.github.crdbspring.compatibility;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.crdbspring.compatibility.Applications.Proxies;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests that a cache and the database agree, as they do with {@code @Transactional}.
 */
@DatabaseTest
class CachingTests {

	private TestDatabase database;

	private Rival rival;

	@BeforeEach
	void createAccounts(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.rival = new Rival(testDatabase);
	}

	static Stream<Arguments> applications() {
		return Stream.of(Proxies.values())
			.flatMap((proxies) -> Stream
				.of(CachingConfiguration.class, CachingFirst.class, TransactionsFirst.class, InOneClass.class)
				.map((configuration) -> Arguments.of(proxies, configuration)));
	}

	@ParameterizedTest
	@MethodSource("applications")
	void theCacheAndTheDatabaseAgree(Proxies proxies, Class<?> configuration) {
		proxies.apply(Applications.create(this.database))
			.withUserConfiguration(configuration)
			.withBean(CachedBalances.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertEviction(context, Balances::evict);
				assertEviction(context, Balances::evictWithSpring);
				assertAgreement(context, (balances) -> balances.put(1, 555));
				assertAgreement(context, (balances) -> balances.putWithSpring(1, 555));
				assertFailure(context, (balances) -> balances.putWithConflictAtCommit(this.rival));
				assertFailure(context, (balances) -> balances.putWithConflictAtCommitWithSpring(this.rival));
				assertAgreement(context, (balances) -> balances.putWithConflictAtCommitAndRetry(this.rival));
				assertFailure(context, Balances::putAndFail);
				assertFailure(context, Balances::putAndFailWithSpring);
				assertFailure(context, (balances) -> balances.readAndFail(1));
				assertAgreement(context, (balances) -> balances.readWithConflict(1, this.rival));
			});
	}

	/**
	 * A reader calls just before COMMIT, and what it reads is the former balance.
	 */
	private void assertEviction(AssertableApplicationContext context, Eviction eviction) {
		Balances balances = reset(context);
		balances.read(1);
		eviction.run(balances, 1, 777, () -> CompletableFuture.supplyAsync(() -> balances.read(1)).join());
		assertThat(this.rival.balance(1)).isEqualTo(777);
		assertThat(balances.read(1)).isEqualTo(777);
	}

	private void assertAgreement(AssertableApplicationContext context, Consumer<Balances> work) {
		Balances balances = reset(context);
		work.accept(balances);
		assertThat(cached(context)).isEqualTo(this.rival.balance(1));
	}

	private void assertFailure(AssertableApplicationContext context, Consumer<Balances> work) {
		Balances balances = reset(context);
		assertThatThrownBy(() -> work.accept(balances)).isInstanceOfAny(DataAccessException.class,
				TransactionException.class, IllegalStateException.class);
		assertThat(this.rival.balance(1)).isEqualTo(100);
		assertThat(cached(context)).isNull();
	}

	private Balances reset(AssertableApplicationContext context) {
		this.rival.reset();
		cache(context).clear();
		return context.getBean(Balances.class);
	}

	private static @Nullable Object cached(AssertableApplicationContext context) {
		Cache.ValueWrapper value = cache(context).get(1);
		return (value != null) ? value.get() : null;
	}

	private static Cache cache(AssertableApplicationContext context) {
		return context.getBean(CacheManager.class).getCache("balances");
	}

	@Test
	void theAdviceOfABeanWithoutTheAnnotationIsLeftAsItIs() {
		Applications.create(this.database)
			.withUserConfiguration(TransactionsFirst.class)
			.withBean(SpringsBalances.class)
			.run((context) -> assertThat(((Advised) context.getBean(SpringsBalances.class)).getAdvisors())
				.filteredOn((advisor) -> advisor.getClass().getSimpleName().startsWith("BeanFactory"))
				.extracting(Advisor::getClass)
				.extracting(Class::getSimpleName)
				.containsExactly("BeanFactoryTransactionAttributeSourceAdvisor",
						"BeanFactoryCacheOperationSourceAdvisor"));
	}

	/**
	 * Sets a balance.
	 */
	private interface Eviction {

		void run(Balances balances, int id, int balance, Runnable reader);

	}

	/**
	 * What is cached.
	 */
	interface Balances {

		int read(int id);

		void evict(int id, int balance, Runnable reader);

		void evictWithSpring(int id, int balance, Runnable reader);

		int put(int id, int balance);

		int putWithSpring(int id, int balance);

		int putWithConflictAtCommit(Rival rival);

		int putWithConflictAtCommitAndRetry(Rival rival);

		int putWithConflictAtCommitWithSpring(Rival rival);

		int putAndFail();

		int putAndFailWithSpring();

		int readAndFail(int id);

		int readWithConflict(int id, Rival rival);

	}

	static class CachedBalances implements Balances {

		private final JdbcClient jdbc;

		private int calls;

		CachedBalances(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@Cacheable("balances")
		@CrdbTransactional
		public int read(int id) {
			return Rival.read(this.jdbc, id);
		}

		@Override
		@CacheEvict(cacheNames = "balances", key = "#id")
		@CrdbTransactional
		public void evict(int id, int balance, Runnable reader) {
			writeAtCommit(id, balance, reader);
		}

		@Override
		@CacheEvict(cacheNames = "balances", key = "#id")
		@Transactional
		public void evictWithSpring(int id, int balance, Runnable reader) {
			writeAtCommit(id, balance, reader);
		}

		/**
		 * On CockroachDB nobody could read before COMMIT what has been written.
		 */
		private void writeAtCommit(int id, int balance, Runnable reader) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void beforeCommit(boolean readOnly) {
					reader.run();
					Rival.write(CachedBalances.this.jdbc, id, balance);
				}
			});
		}

		@Override
		@CachePut(cacheNames = "balances", key = "#id")
		@CrdbTransactional
		public int put(int id, int balance) {
			Rival.write(this.jdbc, id, balance);
			return balance;
		}

		@Override
		@CachePut(cacheNames = "balances", key = "#id")
		@Transactional
		public int putWithSpring(int id, int balance) {
			Rival.write(this.jdbc, id, balance);
			return balance;
		}

		@Override
		@CachePut(cacheNames = "balances", key = "1")
		@CrdbTransactional(maxAttempts = 1)
		public int putWithConflictAtCommit(Rival rival) {
			return conflictAtCommit(rival);
		}

		@Override
		@CachePut(cacheNames = "balances", key = "1")
		@CrdbTransactional
		public int putWithConflictAtCommitAndRetry(Rival rival) {
			if (this.calls++ % 2 == 0) {
				return conflictAtCommit(rival);
			}
			Rival.write(this.jdbc, 1, 666);
			return 666;
		}

		@Override
		@CachePut(cacheNames = "balances", key = "1")
		@Transactional
		public int putWithConflictAtCommitWithSpring(Rival rival) {
			return conflictAtCommit(rival);
		}

		private int conflictAtCommit(Rival rival) {
			Rival.read(this.jdbc, 2);
			rival.interveneAtCommit(() -> Rival.write(this.jdbc, 1, 555));
			return 555;
		}

		@Override
		@CachePut(cacheNames = "balances", key = "1")
		@CrdbTransactional
		public int putAndFail() {
			Rival.write(this.jdbc, 1, 555);
			throw new IllegalStateException("failed");
		}

		@Override
		@CachePut(cacheNames = "balances", key = "1")
		@Transactional
		public int putAndFailWithSpring() {
			Rival.write(this.jdbc, 1, 555);
			throw new IllegalStateException("failed");
		}

		@Override
		@Cacheable("balances")
		@CrdbTransactional
		public int readAndFail(int id) {
			throw new IllegalStateException("failed after " + Rival.read(this.jdbc, id));
		}

		@Override
		@Cacheable(cacheNames = "balances", key = "#id")
		@CrdbTransactional
		public int readWithConflict(int id, Rival rival) {
			int balance = Rival.read(this.jdbc, id);
			if (balance < 1000) {
				rival.intervene(id);
			}
			Rival.write(this.jdbc, id, balance);
			return balance;
		}

	}

	static class SpringsBalances {

		@Cacheable("balances")
		@Transactional
		int read(int id) {
			return id;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class CachingConfiguration {

		@Bean
		ConcurrentMapCacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class TransactionConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ CachingConfiguration.class, TransactionConfiguration.class })
	static class CachingFirst {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ TransactionConfiguration.class, CachingConfiguration.class })
	static class TransactionsFirst {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	@EnableCaching
	static class InOneClass extends CachingConfiguration {

	}

}
