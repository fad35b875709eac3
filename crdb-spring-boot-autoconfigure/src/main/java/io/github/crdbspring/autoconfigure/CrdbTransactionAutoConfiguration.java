package io.github.crdbspring.autoconfigure;

import java.util.Arrays;

import io.github.crdbspring.data.JooqRecordUndo;
import io.github.crdbspring.transaction.BackoffSleeper;
import io.github.crdbspring.transaction.CrdbTransactionListener;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.annotation.AdvisorPlacement;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import io.github.crdbspring.transaction.annotation.RepositoryAdvice;
import io.github.crdbspring.transaction.annotation.RetryingTransactionalAdvisor;
import org.aopalliance.intercept.MethodInterceptor;
import org.jooq.DSLContext;
import org.postgresql.PGConnection;

import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jooq.autoconfigure.DefaultConfigurationCustomizer;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.data.repository.core.support.TransactionalRepositoryFactoryBeanSupport;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttributeSource;

/**
 * Auto-configuration for transactions that are run again when that is safe: the template,
 * and {@code @CrdbTransactional}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		after = { CrdbDataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
				TransactionAutoConfiguration.class },
		afterName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({ PlatformTransactionManager.class, MethodInterceptor.class, PGConnection.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbTransactionProperties.class)
public final class CrdbTransactionAutoConfiguration {

	@Bean
	CrdbTransactionTemplates crdbTransactionTemplates(CrdbTransactionProperties properties,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<CrdbTransactionListener> listeners,
			ObjectProvider<TransactionObserver> observers, ObjectProvider<BackoffSleeper> sleeper) {
		TransactionPropertiesMapper mapper = new TransactionPropertiesMapper(properties);
		CrdbTransactionOptions defaults = mapper.options();
		CrdbTransactionSettings settings = mapper.settings();
		return new CrdbTransactionTemplates(beanFactory, defaults, () -> {
			CrdbTransactionSettings.Builder builder = settings.toBuilder()
				.listeners(listeners.orderedStream().toList())
				.observers(observers.orderedStream().toList());
			sleeper.ifAvailable(builder::sleeper);
			return builder.build();
		});
	}

	/**
	 * Finds out at the start that the table is missing which the default options of a
	 * user's template need. Those of annotated methods are checked with the methods.
	 */
	@Bean
	static SmartInitializingSingleton crdbTransactionTemplateCheck(ConfigurableListableBeanFactory beanFactory) {
		return () -> Arrays.stream(beanFactory.getBeanNamesForType(CrdbTransactionTemplate.class, true, false))
			.filter(beanFactory::containsSingleton)
			.map((name) -> beanFactory.getBean(name, CrdbTransactionTemplate.class))
			.forEach(CrdbTransactionTemplate::requireOutcomeTable);
	}

	/**
	 * The template for the single or primary transaction manager. Made when it is first
	 * needed, so that an application whose DataSource is of another product starts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
	static class TemplateConfiguration {

		@Bean
		@Lazy
		@Fallback
		@ConditionalOnMissingBean
		CrdbTransactionTemplate crdbTransactionTemplate(CrdbTransactionTemplates templates,
				PlatformTransactionManager transactionManager) {
			return templates.forManager(transactionManager);
		}

	}

	/**
	 * The advice behind the annotation. All of it is resolved lazily, since advisors are
	 * made before ordinary beans.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(AutoProxyCreatorRegistrar.class)
	static class AnnotationConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static CrdbTransactionalAdvisor crdbTransactionalAdvisor(ObjectProvider<CrdbTransactionTemplates> templates,
				ConfigurableBeanFactory beanFactory) {
			return new CrdbTransactionalAdvisor((qualifier) -> templates.getObject().get(qualifier),
					beanFactory::resolveEmbeddedValue);
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		@ConditionalOnBooleanProperty("crdb.transaction.retry-spring-transactional")
		static RetryingTransactionalAdvisor crdbRetryingTransactionalAdvisor(
				ObjectProvider<CrdbTransactionTemplates> templates,
				ObjectProvider<TransactionAttributeSource> attributeSource) {
			return new RetryingTransactionalAdvisor((qualifier) -> templates.getObject().get(qualifier),
					attributeSource.getIfUnique(() -> new AnnotationTransactionAttributeSource(false)));
		}

		@Bean
		@ConditionalOnBooleanProperty("crdb.transaction.retry-spring-transactional")
		static SpringTransactionalRetryPostProcessor crdbSpringTransactionalRetryPostProcessor(
				ObjectProvider<RetryingTransactionalAdvisor> advisor) {
			return new SpringTransactionalRetryPostProcessor(advisor);
		}

		@Bean
		static AdvisorPlacementPostProcessor crdbAdvisorPlacementPostProcessor(
				ConfigurableListableBeanFactory beanFactory) {
			return new AdvisorPlacementPostProcessor(new AdvisorPlacement(beanFactory));
		}

		@Bean
		static CrdbTransactionalBeanPostProcessor crdbTransactionalBeanPostProcessor(
				ObjectProvider<CrdbTransactionalAdvisor> advisor) {
			return new CrdbTransactionalBeanPostProcessor(advisor);
		}

	}

	/**
	 * The advice inside of Spring Data's repositories.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(TransactionalRepositoryFactoryBeanSupport.class)
	static class RepositoryConfiguration {

		@Bean
		static RepositoryPostProcessor crdbRepositoryPostProcessor(ConfigurableListableBeanFactory beanFactory,
				ObjectProvider<CrdbTransactionalAdvisor> advisor,
				ObjectProvider<RetryingTransactionalAdvisor> retrying) {
			return new RepositoryPostProcessor(beanFactory,
					() -> new RepositoryAdvice(advisor.getObject(), retrying.getIfAvailable()));
		}

	}

	/**
	 * Has jOOQ's records set back.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ DSLContext.class, DefaultConfigurationCustomizer.class })
	static class JooqConfiguration {

		@Bean
		DefaultConfigurationCustomizer crdbJooqRecordUndo() {
			return (configuration) -> configuration.setAppending(new JooqRecordUndo());
		}

	}

	/**
	 * Makes sure that there is something that applies advisors, even where Spring's own
	 * transaction annotations are not enabled.
	 */
	static class AutoProxyCreatorRegistrar implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata importingClassMetadata,
				BeanDefinitionRegistry registry) {
			AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
		}

	}

}
