package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.SystemTime;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@code @CrdbTransactional} on beans of several kinds, together with other
 * advice, and with the template.
 */
@DatabaseTest
class AdviceCombinationTests {

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "crdb.transaction.backoff.initial-interval=0",
					"crdb.transaction.unsupported-options=ignore", "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.minimum-idle=0", "history=-3s")
			.withBean(Attempts.class);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anAnnotationOnAnInterfaceOfAGenericTypeCounts(boolean proxyTargetClass) {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.withBean(TextStoreInMemory.class)
			.run((context) -> {
				TextStore store = context.getBean(TextStore.class);
				assertThat(AopUtils.isCglibProxy(store)).isEqualTo(proxyTargetClass);
				assertThat(store.save("x")).isEqualTo("x");
				assertThat(context.getBean(Attempts.class).numbers).containsExactly(1, 2);
				store.notAnnotated();
				assertThat(context.getBean(Attempts.class).numbers).containsExactly(1, 2, 0);
			});
	}

	@Test
	void anAnnotationOnTheInterfaceOfAnotherProxyCounts() {
		this.runner.withBean(ProxiedStoreFactory.class).run((context) -> {
			context.getBean(ProxiedStore.class).save("x");
			assertThat(context.getBean(Attempts.class).names).containsExactly(
					"AdviceCombinationTests.ProxiedStore.save", "AdviceCombinationTests.ProxiedStore.save");
		});
	}

	@Test
	void anInheritedAnnotationCounts() {
		this.runner.withBean(Derived.class).run((context) -> {
			context.getBean(Derived.class).inherited();
			context.getBean(Derived.class).own();
			assertThat(context.getBean(Attempts.class).names).containsExactly(
					"AdviceCombinationTests.Derived.inherited", "AdviceCombinationTests.Derived.inherited",
					"AdviceCombinationTests.Derived.own", "AdviceCombinationTests.Derived.own");
		});
	}

	@Test
	void anAsynchronousMethodIsRetriedOnItsThread() {
		this.runner.withUserConfiguration(AsyncConfiguration.class).withBean(AsyncService.class).run((context) -> {
			CompletableFuture<Thread> thread = new CompletableFuture<>();
			context.getBean(AsyncService.class).work(thread);
			assertThat(thread.get(10, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
			assertThat(context.getBean(Attempts.class).numbers).containsExactly(1, 2);
		});
	}

	@Test
	void aCachedResultIsThatOfTheAttemptThatSucceeded() {
		this.runner.withUserConfiguration(CacheConfiguration.class).withBean(CachedService.class).run((context) -> {
			CachedService service = context.getBean(CachedService.class);
			assertThat(service.load("key")).isEqualTo("key 2");
			assertThat(service.load("key")).isEqualTo("key 2");
			assertThat(context.getBean(Attempts.class).numbers).containsExactly(1, 2);
		});
	}

	@Test
	void theTemplateInsideTheAnnotationAndTheReverseJoin() {
		this.runner.withBean(MixedService.class).run((context) -> {
			MixedService service = context.getBean(MixedService.class);
			service.annotationAroundTemplate();
			context.getBean(CrdbTransactionTemplate.class)
				.executeWithoutResult((status) -> service.insideOfTheTemplate());
			service.templateAroundItself();
			assertThat(context.getBean(Attempts.class).numbers).containsExactly(1, 2, 1, 2, 1, 2);
		});
	}

	@Test
	void aSystemTimeComesFromPlaceholdersAndArguments() {
		this.runner.withBean(HistoryService.class).run((context) -> {
			HistoryService service = context.getBean(HistoryService.class);
			assertThat(service.placeholder()).isTrue();
			for (Object value : new Object[] { Duration.ofSeconds(5), Instant.now().minusSeconds(5),
					SystemTime.ago(Duration.ofSeconds(5)), "-5s",
					Instant.now().minusSeconds(5).atOffset(ZoneOffset.ofHours(2)) }) {
				assertThat(service.argument(value)).as(value.getClass().getSimpleName()).isTrue();
			}
			assertThat(service.argument(null)).isTrue();
			assertThatIllegalArgumentException().isThrownBy(() -> service.argument("-5s'; DROP TABLE item"));
			assertThatIllegalArgumentException().isThrownBy(() -> service.argument(Duration.ofSeconds(-5)));
			assertThatIllegalArgumentException().isThrownBy(() -> service.argument(42))
				.withMessageContaining("java.lang.Integer");
		});
	}

	@Test
	void aResultThatTurnsOutToBeUnfinishedIsRolledBack() {
		this.runner.withBean(MixedService.class)
			.run((context) -> assertThatExceptionOfType(IllegalStateException.class)
				.isThrownBy(() -> context.getBean(MixedService.class).unfinished())
				.withMessageContaining("still under way"));
	}

	@Test
	void theExceptionOfACheckedKindNeedsNoWrapper() {
		this.runner.withBean(MixedService.class)
			.run((context) -> assertThatExceptionOfType(IOException.class)
				.isThrownBy(() -> context.getBean(MixedService.class).checked()));
	}

	/**
	 * Notes the attempts, the first of which conflicts.
	 */
	static class Attempts {

		private final List<Integer> numbers = new CopyOnWriteArrayList<>();

		private final List<String> names = new ArrayList<>();

		int next() {
			int number = TransactionAttempt.current().map(TransactionAttempt::number).orElse(0);
			this.numbers.add(number);
			this.names.add(TransactionAttempt.current().map(TransactionAttempt::name).orElse(""));
			if (number == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
			return number;
		}

	}

	/**
	 * A generic interface.
	 *
	 * @param <T> what is stored
	 */
	interface Store<T> {

		@CrdbTransactional
		T save(T value);

		void notAnnotated();

	}

	interface TextStore extends Store<String> {

	}

	/**
	 * Annotated as a whole, with a method that it inherits.
	 */
	@CrdbTransactional
	interface ProxiedStore extends UnknownStore {

	}

	interface UnknownStore {

		void save(String value);

	}

	/**
	 * Makes a proxy as those of repositories are: of the annotated interface, around
	 * something that does not have it.
	 */
	static class ProxiedStoreFactory implements FactoryBean<ProxiedStore> {

		private final Attempts attempts;

		ProxiedStoreFactory(Attempts attempts) {
			this.attempts = attempts;
		}

		@Override
		public ProxiedStore getObject() {
			ProxyFactory factory = new ProxyFactory();
			factory.setTarget((UnknownStore) (value) -> this.attempts.next());
			factory.setInterfaces(ProxiedStore.class);
			factory.addAdvice((MethodInterceptor) (invocation) -> {
				((UnknownStore) invocation.getThis()).save((String) invocation.getArguments()[0]);
				return null;
			});
			return (ProxiedStore) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return ProxiedStore.class;
		}

	}

	static class TextStoreInMemory implements TextStore {

		private final Attempts attempts;

		TextStoreInMemory(Attempts attempts) {
			this.attempts = attempts;
		}

		@Override
		public String save(String value) {
			this.attempts.next();
			return value;
		}

		@Override
		public void notAnnotated() {
			this.attempts.next();
		}

	}

	@CrdbTransactional
	abstract static class Base {

		private final Attempts attempts;

		Base(Attempts attempts) {
			this.attempts = attempts;
		}

		void inherited() {
			this.attempts.next();
		}

	}

	static class Derived extends Base {

		private final Attempts attempts;

		Derived(Attempts attempts) {
			super(attempts);
			this.attempts = attempts;
		}

		void own() {
			this.attempts.next();
		}

	}

	static class AsyncService {

		private final Attempts attempts;

		AsyncService(Attempts attempts) {
			this.attempts = attempts;
		}

		@Async
		@CrdbTransactional
		void work(CompletableFuture<Thread> thread) {
			this.attempts.next();
			thread.complete(Thread.currentThread());
		}

	}

	static class CachedService {

		private final Attempts attempts;

		CachedService(Attempts attempts) {
			this.attempts = attempts;
		}

		@Cacheable("results")
		@CrdbTransactional
		String load(String key) {
			return key + " " + this.attempts.next();
		}

	}

	static class MixedService {

		private final Attempts attempts;

		private final CrdbTransactionTemplate template;

		MixedService(Attempts attempts, CrdbTransactionTemplate template) {
			this.attempts = attempts;
			this.template = template;
		}

		@CrdbTransactional
		void annotationAroundTemplate() {
			this.template.executeWithoutResult((status) -> this.attempts.next());
		}

		@CrdbTransactional
		void insideOfTheTemplate() {
			this.attempts.next();
		}

		void templateAroundItself() {
			this.template.executeWithoutResult((status) -> insideOfTheTemplate());
		}

		@CrdbTransactional
		Object unfinished() {
			return new CompletableFuture<>();
		}

		@CrdbTransactional
		void checked() throws IOException {
			throw new IOException("disk full");
		}

	}

	static class HistoryService {

		@CrdbTransactional(systemTime = "${history}")
		boolean placeholder() {
			return TransactionAttempt.current().orElseThrow().options().readOnly();
		}

		@CrdbTransactional(systemTime = "#when")
		boolean argument(Object when) {
			return TransactionAttempt.current().orElseThrow().options().readOnly();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

		@Bean
		SimpleAsyncTaskExecutor taskExecutor() {
			return new SimpleAsyncTaskExecutor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class CacheConfiguration {

		@Bean
		ConcurrentMapCacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

}
