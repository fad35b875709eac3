package io.github.crdbspring.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.transaction.SpringTransactionalRetry;
import io.github.crdbspring.transaction.annotation.RetryingTransactionalAdvisor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.util.ClassUtils;

/**
 * Has every transaction manager tell from the start when a transaction begins. It must
 * not be told later: it may be running transactions then. Once all beans are there, has
 * it checked that the transactions of their methods can be retried.
 */
final class SpringTransactionalRetryPostProcessor implements BeanPostProcessor, SmartInitializingSingleton {

	private final ObjectProvider<RetryingTransactionalAdvisor> advisor;

	/**
	 * The classes of the beans that are there when the application has started.
	 */
	private volatile @Nullable Set<Class<?>> beanClasses = ConcurrentHashMap.newKeySet();

	SpringTransactionalRetryPostProcessor(ObjectProvider<RetryingTransactionalAdvisor> advisor) {
		this.advisor = advisor;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ConfigurableTransactionManager transactionManager) {
			List<TransactionExecutionListener> listeners = new ArrayList<>(
					transactionManager.getTransactionExecutionListeners());
			listeners.add(new SpringTransactionalRetry());
			transactionManager.setTransactionExecutionListeners(listeners);
		}
		Set<Class<?>> classes = this.beanClasses;
		if (classes != null) {
			classes.add(ClassUtils.getUserClass(bean));
		}
		return bean;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<Class<?>> classes = this.beanClasses;
		this.beanClasses = null;
		if (classes != null) {
			this.advisor.getObject().checkTemplates(classes);
		}
	}

}
