package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.transaction.SpringTransactionalRetry;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;

/**
 * Has every transaction manager tell from the start when a transaction begins. It must
 * not be told later: it may be running transactions then.
 */
final class SpringTransactionalRetryPostProcessor implements BeanPostProcessor {

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ConfigurableTransactionManager transactionManager) {
			transactionManager.addListener(new SpringTransactionalRetry());
		}
		return bean;
	}

}
