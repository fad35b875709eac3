package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Has the annotated methods of every bean checked when it is created; and, once all beans
 * are there, that they have transactions. Those of a bean that is made later have not
 * been asked for by then, and fail when they are called.
 */
final class CrdbTransactionalBeanPostProcessor implements BeanPostProcessor, SmartInitializingSingleton {

	private final SingletonSupplier<CrdbTransactionalAdvisor> advisor;

	CrdbTransactionalBeanPostProcessor(ObjectProvider<CrdbTransactionalAdvisor> advisor) {
		this.advisor = SingletonSupplier.of(advisor::getObject);
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (!(bean instanceof CrdbTransactionalAdvisor)) {
			this.advisor.obtain().check(ClassUtils.getUserClass(bean));
		}
		return bean;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.advisor.obtain().checkTemplates();
	}

}
