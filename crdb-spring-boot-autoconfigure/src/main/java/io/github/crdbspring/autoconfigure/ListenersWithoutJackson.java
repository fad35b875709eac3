package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.changefeed.CrdbChangefeedListener;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses changefeed listeners where nothing can read their rows.
 */
final class ListenersWithoutJackson implements BeanPostProcessor {

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
		boolean listens = !MethodIntrospector
			.selectMethods(type,
					(ReflectionUtils.MethodFilter) (method) -> AnnotatedElementUtils.hasAnnotation(method,
							CrdbChangefeedListener.class))
			.isEmpty();
		if (listens) {
			throw new IllegalStateException(
					type.getName() + " has methods with @CrdbChangefeedListener, whose rows are "
							+ "read with Jackson 3, which is not on the class path. Add spring-boot-starter-jackson");
		}
		return bean;
	}

}
