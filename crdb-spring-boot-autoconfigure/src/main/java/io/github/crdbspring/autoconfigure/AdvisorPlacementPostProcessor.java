package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.transaction.annotation.AdvisorPlacement;

import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Has the advice of each bean put into its place, right after the bean's proxy has been
 * made, which is what the first of all post-processors does.
 */
final class AdvisorPlacementPostProcessor implements SmartInstantiationAwareBeanPostProcessor, Ordered {

	private final AdvisorPlacement placement;

	AdvisorPlacementPostProcessor(AdvisorPlacement placement) {
		this.placement = placement;
	}

	@Override
	public Object getEarlyBeanReference(Object bean, String beanName) {
		return postProcessAfterInitialization(bean, beanName);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof Advised proxy) {
			this.placement.correct(proxy);
		}
		return bean;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

}
