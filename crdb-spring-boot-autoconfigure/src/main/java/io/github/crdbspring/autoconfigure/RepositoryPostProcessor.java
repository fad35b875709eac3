package io.github.crdbspring.autoconfigure;

import java.util.function.Supplier;

import io.github.crdbspring.data.DomainEventsUndo;
import io.github.crdbspring.transaction.annotation.RepositoryAdvice;

import org.springframework.beans.PropertyValue;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.repository.core.support.TransactionalRepositoryFactoryBeanSupport;
import org.springframework.util.function.SingletonSupplier;

/**
 * Has the proxies of Spring Data's repositories made with the advice of this library.
 */
final class RepositoryPostProcessor implements BeanPostProcessor {

	/**
	 * What repositories take if they are not told otherwise.
	 */
	private static final String DEFAULT = "transactionManager";

	private final ConfigurableListableBeanFactory beanFactory;

	private final SingletonSupplier<RepositoryAdvice> advice;

	private final DomainEventsUndo domainEvents = new DomainEventsUndo();

	RepositoryPostProcessor(ConfigurableListableBeanFactory beanFactory, Supplier<RepositoryAdvice> advice) {
		this.beanFactory = beanFactory;
		this.advice = SingletonSupplier.of(advice);
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof TransactionalRepositoryFactoryBeanSupport<?, ?, ?> repository) {
			repository.addRepositoryFactoryCustomizer(
					(factory) -> factory.addRepositoryProxyPostProcessor((proxy, information) -> {
						this.advice.obtain().addTo(proxy, information, transactionManager(beanName));
						this.domainEvents.addTo(proxy, information.getDomainType());
					}));
		}
		return bean;
	}

	private String transactionManager(String beanName) {
		String name = DEFAULT;
		if (this.beanFactory.containsBeanDefinition(beanName)) {
			PropertyValue property = this.beanFactory.getMergedBeanDefinition(beanName)
				.getPropertyValues()
				.getPropertyValue("transactionManager");
			if (property != null && property.getValue() instanceof String text) {
				name = text;
			}
		}
		return this.beanFactory.containsBean(name) ? name : "";
	}

}
