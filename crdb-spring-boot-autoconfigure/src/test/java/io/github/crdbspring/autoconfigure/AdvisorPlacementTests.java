package io.github.crdbspring.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the place of this library's advice among that of others, seen in the proxies
 * of beans. Nothing listens where the URL points to.
 */
class AdvisorPlacementTests {

	private static final String CACHE = "BeanFactoryCacheOperationSourceAdvisor";

	private static final String OURS = "CrdbTransactionalAdvisor";

	private static final String RETRY = "RetryingTransactionalAdvisor";

	private static final String SPRING = "BeanFactoryTransactionAttributeSourceAdvisor";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues("crdb.url=postgresql://localhost:1/bank");

	@Test
	void itIsRightOutsideOfSprings() {
		this.runner.withUserConfiguration(Caching.class)
			.withBean(Both.class)
			.withBean(Annotated.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> {
				assertThat(advice(context, Both.class)).containsExactly(CACHE, OURS, RETRY, SPRING);
				assertThat(advice(context, Annotated.class)).containsExactly(CACHE, OURS);
			});
	}

	@Test
	void cachingIsOutsideInWhateverOrderBothAreEnabled() {
		this.runner.withUserConfiguration(TransactionsThenCaching.class)
			.withBean(Both.class)
			.withBean(Annotated.class)
			.run((context) -> {
				assertThat(advice(context, Both.class)).containsExactly(CACHE, OURS, SPRING);
				assertThat(advice(context, Annotated.class)).containsExactly(CACHE, OURS);
			});
	}

	@Test
	void itMovesWithSprings() {
		this.runner.withUserConfiguration(TransactionsOutside.class)
			.withBean(Both.class)
			.withBean(Annotated.class)
			.run((context) -> {
				assertThat(advice(context, Both.class)).containsExactly(OURS, SPRING, CACHE);
				assertThat(advice(context, Annotated.class)).containsExactly(OURS, CACHE);
			});
	}

	@Test
	void adviceOfTheUsersOwnStaysWhereItIs() {
		this.runner.withUserConfiguration(OwnAdvice.class, Transactions.class)
			.withBean(Both.class)
			.withBean(Annotated.class)
			.run((context) -> {
				assertThat(advice(context, Both.class)).containsExactly("OwnAdvisor", OURS, SPRING);
				assertThat(advice(context, Annotated.class)).containsExactly("OwnAdvisor", OURS);
			});
		this.runner.withUserConfiguration(Transactions.class, OwnAdvice.class)
			.withBean(Both.class)
			.withBean(Annotated.class)
			.run((context) -> {
				assertThat(advice(context, Both.class)).containsExactly(OURS, SPRING, "OwnAdvisor");
				assertThat(advice(context, Annotated.class)).containsExactly(OURS, "OwnAdvisor");
			});
	}

	@Test
	void itIsInPlaceInABeanThatIsNeededBeforeItIsMade() {
		this.runner.withAllowCircularReferences(true)
			.withUserConfiguration(Caching.class)
			.withBean(Egg.class)
			.withBean(Hen.class)
			.run((context) -> assertThat(advice(context, Egg.class)).containsExactly(CACHE, OURS, SPRING));
	}

	private static List<String> advice(AssertableApplicationContext context, Class<?> type) {
		assertThat(context).hasNotFailed();
		return Stream.of(((Advised) context.getBean(type)).getAdvisors())
			.map((advisor) -> advisor.getClass().getSimpleName())
			.toList();
	}

	static class Both {

		@Cacheable("numbers")
		@CrdbTransactional
		int annotated(int number) {
			return number;
		}

		@Cacheable("numbers")
		@Transactional
		int springs(int number) {
			return number;
		}

	}

	static class Annotated {

		@Cacheable("numbers")
		@CrdbTransactional
		int annotated(int number) {
			return number;
		}

	}

	static class Egg extends Both {

		@Autowired
		private Hen hen;

	}

	static class Hen {

		@Autowired
		private Egg egg;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class Caching {

		@Bean
		ConcurrentMapCacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class Transactions {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Transactions.class, Caching.class })
	static class TransactionsThenCaching {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = 7)
	@Import(Caching.class)
	static class TransactionsOutside {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnAdvice {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static OwnAdvisor ownAdvisor() {
			return new OwnAdvisor();
		}

	}

	/**
	 * Has the same order as Spring's.
	 */
	@SuppressWarnings("serial")
	static class OwnAdvisor extends DefaultPointcutAdvisor {

		OwnAdvisor() {
			super(AnnotationMatchingPointcut.forMethodAnnotation(Cacheable.class),
					(MethodInterceptor) (invocation) -> invocation.proceed());
		}

	}

}
