package io.github.crdbspring.test;

import java.util.Collection;
import java.util.List;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;

import org.springframework.beans.BeansException;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.transaction.event.TransactionalApplicationListener;

/**
 * Records the application's events, except for those that nobody gets before the commit.
 */
final class PublishedEvents implements ApplicationListener<ApplicationEvent>, ApplicationContextAware {

	private Collection<ApplicationListener<?>> listeners = List.of();

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) throws BeansException {
		if (applicationContext instanceof AbstractApplicationContext context) {
			this.listeners = context.getApplicationListeners();
		}
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		Object published = (event instanceof PayloadApplicationEvent<?> payload) ? payload.getPayload() : event;
		if (!published.getClass().getName().startsWith("org.springframework.") && !isDeferred(event)) {
			SafetyCheck.record(Kind.EVENT, published.getClass().getSimpleName(), ": " + published);
		}
	}

	/**
	 * Whether there are listeners, and all of them wait for the commit.
	 */
	private boolean isDeferred(ApplicationEvent event) {
		boolean transactional = false;
		for (ApplicationListener<?> listener : this.listeners) {
			if (listener != this && supports(listener, event)) {
				if (!(listener instanceof TransactionalApplicationListener<?>)) {
					return false;
				}
				transactional = true;
			}
		}
		return transactional;
	}

	private static boolean supports(ApplicationListener<?> listener, ApplicationEvent event) {
		ResolvableType type = (event instanceof PayloadApplicationEvent<?> payload) ? payload.getResolvableType()
				: ResolvableType.forInstance(event);
		GenericApplicationListener generic = (listener instanceof GenericApplicationListener known) ? known
				: new GenericApplicationListenerAdapter(listener);
		return generic.supportsEventType(type) && !isOfFramework(listener);
	}

	private static boolean isOfFramework(ApplicationListener<?> listener) {
		String name = listener.getClass().getName();
		return name.startsWith("org.springframework.") && !name.endsWith("ListenerMethodAdapter");
	}

}
