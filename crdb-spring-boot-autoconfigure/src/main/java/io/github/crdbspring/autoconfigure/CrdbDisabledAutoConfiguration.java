package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import org.aopalliance.intercept.MethodInterceptor;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for {@code crdb.enabled=false}: a bean with
 * {@code @CrdbTransactional} methods is refused, rather than run without any transaction.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass(MethodInterceptor.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", havingValue = false)
public final class CrdbDisabledAutoConfiguration {

	@Bean
	static AnnotatedBeanRefuser crdbAnnotatedBeanRefuser(Environment environment) {
		return new AnnotatedBeanRefuser(environment);
	}

	/**
	 * Refuses annotated beans.
	 */
	static final class AnnotatedBeanRefuser implements BeanPostProcessor {

		private final Advisor advisor;

		AnnotatedBeanRefuser(Environment environment) {
			this.advisor = new CrdbTransactionalAdvisor((qualifier) -> {
				throw new IllegalStateException("crdb.enabled is false");
			}, environment::resolvePlaceholders);
		}

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			return refuseAnnotated(bean, beanName);
		}

		/**
		 * Called for what a FactoryBean makes, too, such as a repository.
		 */
		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return refuseAnnotated(bean, beanName);
		}

		private Object refuseAnnotated(Object bean, String beanName) {
			if (AopUtils.canApply(this.advisor, bean.getClass())) {
				throw new IllegalStateException("Bean '" + beanName + "' has methods with @"
						+ CrdbTransactional.class.getSimpleName() + ", which would run without any transaction while "
						+ "crdb.enabled is false: remove the annotation, or enable crdb");
			}
			return bean;
		}

	}

}
