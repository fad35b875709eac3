package io.github.crdbspring.test;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/**
 * Auto-configuration of tests: what lets transactions fail, what records them, and what
 * records the effects that a rollback does not undo.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = { CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbTestProperties.class)
public final class CrdbTestAutoConfiguration {

	@Bean
	RetryInjection crdbRetryInjection(CrdbTestProperties properties) {
		CrdbTestProperties.InjectRetries given = properties.getInjectRetries();
		InjectionRule rule = InjectionRule.of(given);
		return new RetryInjection(given.isEnabled() ? rule : null);
	}

	/**
	 * A DataSource that the library has guarded has it among its customizers.
	 */
	@Bean
	static BeanPostProcessor crdbRetryInjectionPostProcessor(ObjectProvider<RetryInjection> injection) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof CrdbDataSource dataSource) {
					dataSource.setFaultInjector(injection.getObject());
				}
				return bean;
			}

		};
	}

	@Bean
	@ConditionalOnMissingBean
	TransactionAttempts crdbTransactionAttempts(CrdbTestProperties properties) {
		return new TransactionAttempts(properties.isSkipPauses());
	}

	@Bean
	static EffectPostProcessor crdbEffectPostProcessor() {
		return new EffectPostProcessor();
	}

	@Bean
	PublishedEvents crdbPublishedEvents() {
		return new PublishedEvents();
	}

	/**
	 * Requests over HTTP.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClient.class)
	static class RequestConfiguration {

		@Bean
		static RequestPostProcessor crdbRequestPostProcessor() {
			return new RequestPostProcessor();
		}

	}

}
