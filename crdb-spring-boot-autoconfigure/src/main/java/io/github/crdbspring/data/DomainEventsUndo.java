package io.github.crdbspring.data;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.transaction.TransactionAttempt;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.CollectionFactory;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.data.domain.AfterDomainEventPublication;
import org.springframework.data.domain.DomainEvents;
import org.springframework.util.ReflectionUtils;

/**
 * Puts back the domain events of an aggregate when the attempt that saved or deleted it
 * is rolled back. Spring Data clears them once they are published, so that the next
 * attempt would publish none for an aggregate that was made outside of it, and a listener
 * that waits for the commit would never hear of it. Infrastructure of this library, no
 * API for applications.
 * <p>
 * Events are looked for in collections that are not persistent: {@code transient}, or
 * annotated with {@code Transient}. Thread-safe.
 *
 * @since 0.1.0
 */
public final class DomainEventsUndo {

	private static final Log logger = LogFactory.getLog(DomainEventsUndo.class);

	private static final List<String> TRANSIENT = List.of("org.springframework.data.annotation.Transient",
			"jakarta.persistence.Transient");

	private final Map<Class<?>, List<Field>> fields = new ConcurrentHashMap<>();

	private final PutBackEvents putBack = new PutBackEvents();

	private final Set<Class<?>> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Add the advice to a repository, if its aggregates have events that are cleared.
	 * @param factory makes the repository's proxy, and has Spring Data's advice already
	 * @param type the aggregates' class
	 */
	public void addTo(ProxyFactory factory, Class<?> type) {
		Method events = findMethod(type, DomainEvents.class);
		if (events != null && findMethod(type, AfterDomainEventPublication.class) != null) {
			factory.addAdvice((MethodInterceptor) (invocation) -> invoke(invocation, type, events));
		}
	}

	private static @Nullable Method findMethod(Class<?> type, Class<? extends Annotation> annotation) {
		for (Method method : ReflectionUtils.getAllDeclaredMethods(type)) {
			if (AnnotatedElementUtils.hasAnnotation(method, annotation)) {
				ReflectionUtils.makeAccessible(method);
				return method;
			}
		}
		return null;
	}

	/**
	 * The events are published when this has returned.
	 */
	private @Nullable Object invoke(MethodInvocation invocation, Class<?> type, Method events) throws Throwable {
		TransactionAttempt attempt = publishes(invocation.getMethod()) ? TransactionAttempt.current().orElse(null)
				: null;
		@Nullable Object argument = (attempt != null) ? invocation.getArguments()[0] : null;
		if (attempt == null || argument == null) {
			return invocation.proceed();
		}
		// Something else may be iterable only once, which is for the repository
		boolean rereadable = type.isInstance(argument) || argument instanceof Collection<?>;
		if (rereadable) {
			remember(attempt, argument, type, events);
		}
		Object result = invocation.proceed();
		if (!rereadable) {
			remember(attempt, argument, type, events);
		}
		return result;
	}

	/**
	 * Spring Data publishes events from methods with one parameter and these names.
	 */
	private static boolean publishes(Method method) {
		return method.getParameterCount() == 1
				&& (method.getName().startsWith("save") || method.getName().startsWith("delete"));
	}

	private void remember(TransactionAttempt attempt, Object argument, Class<?> type, Method events) {
		if (type.isInstance(argument)) {
			List<Events> before = fields(argument.getClass()).stream()
				.map((field) -> new Events(argument, field))
				.toList();
			this.putBack.withoutRepeated(attempt, argument, before);
			int count = count(events, argument);
			attempt.onRollback(() -> {
				before.forEach(Events::putBack);
				this.putBack.add(argument, before);
				requireEvents(count, events, argument);
			});
		}
		else if (argument instanceof Iterable<?> elements) {
			for (Object element : elements) {
				if (type.isInstance(element)) {
					remember(attempt, element, type, events);
				}
			}
		}
	}

	private List<Field> fields(Class<?> type) {
		return this.fields.computeIfAbsent(type, (key) -> {
			List<Field> found = new ArrayList<>(1);
			ReflectionUtils.doWithFields(key, (field) -> {
				ReflectionUtils.makeAccessible(field);
				found.add(field);
			}, (field) -> Collection.class.isAssignableFrom(field.getType()) && !Modifier.isStatic(field.getModifiers())
					&& isTransient(field));
			return found;
		});
	}

	private static boolean isTransient(Field field) {
		return Modifier.isTransient(field.getModifiers()) || Arrays.stream(field.getAnnotations())
			.anyMatch((annotation) -> TRANSIENT.contains(annotation.annotationType().getName()));
	}

	private void requireEvents(int expected, Method events, Object aggregate) {
		if (count(events, aggregate) < expected && this.warned.add(aggregate.getClass())) {
			logger.warn("A transaction was rolled back that has published domain events of a "
					+ aggregate.getClass().getName() + ", which has none any more. They could not be put back, so that "
					+ "saving it again publishes none. Keep them in a collection that is a field annotated with "
					+ "@Transient, or make or read the aggregate inside of the transaction");
		}
	}

	private static int count(Method events, Object aggregate) {
		Object found = ReflectionUtils.invokeMethod(events, aggregate);
		if (found instanceof Collection<?> collection) {
			return collection.size();
		}
		return (found != null) ? 1 : 0;
	}

	/**
	 * What one field of an aggregate holds at some time.
	 */
	static final class Events {

		private final Object aggregate;

		private final Field field;

		private final @Nullable Collection<Object> collection;

		private List<Object> elements;

		@SuppressWarnings("unchecked")
		Events(Object aggregate, Field field) {
			this.aggregate = aggregate;
			this.field = field;
			this.collection = (Collection<Object>) ReflectionUtils.getField(field, aggregate);
			this.elements = (this.collection != null) ? new ArrayList<>(this.collection) : List.of();
		}

		List<Object> elements() {
			return this.elements;
		}

		/**
		 * Replace the elements, now and for when they are put back.
		 */
		void replace(List<Object> elements) {
			this.elements = elements;
			putBack();
		}

		void putBack() {
			if (ReflectionUtils.getField(this.field, this.aggregate) != this.collection) {
				ReflectionUtils.setField(this.field, this.aggregate, this.collection);
			}
			if (this.collection != null && !this.elements.equals(new ArrayList<>(this.collection))) {
				fill(this.collection);
			}
		}

		/**
		 * An aggregate whose collection cannot be changed takes a new one each time.
		 */
		private void fill(Collection<Object> collection) {
			try {
				collection.clear();
				collection.addAll(this.elements);
			}
			catch (UnsupportedOperationException ex) {
				Collection<Object> copy = CollectionFactory.createApproximateCollection(collection,
						this.elements.size());
				copy.addAll(this.elements);
				ReflectionUtils.setField(this.field, this.aggregate, copy);
			}
		}

	}

}
