package io.github.crdbspring.changefeed;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.crdbspring.transaction.SystemTime;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Finds methods with {@link CrdbChangefeedListener}, and registers a container for each.
 * Infrastructure of this library.
 *
 * @since 0.1.0
 */
public final class CrdbChangefeedListenerPostProcessor implements BeanPostProcessor, SmartInitializingSingleton {

	private final ConfigurableBeanFactory beanFactory;

	private final Supplier<CrdbChangefeedRegistry> registry;

	private final Supplier<ChangefeedContainerFactory> factory;

	private final Set<Class<?>> withoutListeners = ConcurrentHashMap.newKeySet();

	private final List<Found> found = new ArrayList<>();

	private boolean initialized;

	/**
	 * Create a new post-processor.
	 * @param beanFactory resolves placeholders, expressions and error handlers
	 * @param registry gets the registry, once all beans are there
	 * @param factory gets the factory, once all beans are there
	 */
	public CrdbChangefeedListenerPostProcessor(ConfigurableBeanFactory beanFactory,
			Supplier<CrdbChangefeedRegistry> registry, Supplier<ChangefeedContainerFactory> factory) {
		this.beanFactory = beanFactory;
		this.registry = registry;
		this.factory = factory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
		if (this.withoutListeners.contains(type)) {
			return bean;
		}
		Map<Method, CrdbChangefeedListener> methods = MethodIntrospector.selectMethods(type,
				(MethodIntrospector.MetadataLookup<CrdbChangefeedListener>) (method) -> AnnotatedElementUtils
					.findMergedAnnotation(method, CrdbChangefeedListener.class));
		if (methods.isEmpty()) {
			this.withoutListeners.add(type);
		}
		methods.forEach((method, annotation) -> add(new Found(bean, beanName, method, annotation)));
		return bean;
	}

	private synchronized void add(Found listener) {
		ListenerArgument.of(listener.method());
		if (this.initialized) {
			register(listener);
		}
		else {
			this.found.add(listener);
		}
	}

	@Override
	public synchronized void afterSingletonsInstantiated() {
		this.initialized = true;
		this.found.forEach(this::register);
		this.found.clear();
	}

	private void register(Found listener) {
		CrdbChangefeedListener annotation = listener.annotation();
		String id = text(annotation.id());
		Method method = AopUtils.selectInvocableMethod(listener.method(), listener.bean().getClass());
		ReflectionUtils.makeAccessible(method);
		String startAt = text(annotation.startAt());
		String query = text(annotation.query());
		CrdbChangefeedContainer.Builder builder = this.factory.get()
			.builder(text(annotation.transactionManager()))
			.id(StringUtils.hasText(id) ? id : listener.beanName() + "." + listener.method().getName())
			.tables(tables(annotation.tables()))
			.query(StringUtils.hasText(query) ? query : null)
			.delivery(annotation.delivery())
			.startAt(StringUtils.hasText(startAt) ? SystemTime.parse(startAt) : null)
			.initialScan(annotation.initialScan())
			.before(annotation.before())
			.exclusive(annotation.exclusive())
			.transactional(annotation.transactional())
			.autoStartup(flag(listener, text(annotation.autoStartup())))
			.onCursorExpired(annotation.onCursorExpired())
			.listener(ListenerArgument.of(listener.method()), (argument) -> invoke(listener.bean(), method, argument));
		String errorHandler = text(annotation.errorHandler());
		if (StringUtils.hasText(errorHandler)) {
			builder.errorHandler(this.beanFactory.getBean(errorHandler, ChangefeedErrorHandler.class));
		}
		this.registry.get().register(builder.build());
	}

	private String[] tables(String[] tables) {
		return Arrays.stream(tables)
			.map(this::text)
			.flatMap((names) -> Arrays.stream(StringUtils.tokenizeToStringArray(names, ",")))
			.toArray(String[]::new);
	}

	private static boolean flag(Found listener, String text) {
		Assert.isTrue(text.equals("true") || text.equals("false"),
				() -> "'autoStartup' of changefeed listener " + listener.method().getDeclaringClass().getName() + "."
						+ listener.method().getName() + " must be true or false, but is '" + text + "'");
		return Boolean.parseBoolean(text);
	}

	private String text(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		if (resolved != null && resolved.contains("#{") && this.beanFactory.getBeanExpressionResolver() != null) {
			Object value = this.beanFactory.getBeanExpressionResolver()
				.evaluate(resolved, new BeanExpressionContext(this.beanFactory, null));
			return String.valueOf(value);
		}
		return (resolved != null) ? resolved : "";
	}

	private static void invoke(Object bean, Method method, Object argument) {
		try {
			method.invoke(bean, argument);
		}
		catch (InvocationTargetException ex) {
			throw CrdbChangefeedListenerPostProcessor.<RuntimeException>sneaky(ex.getTargetException());
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * An exception of the listener's own is to be seen as it is, checked or not.
	 */
	@SuppressWarnings("unchecked")
	private static <E extends Throwable> E sneaky(Throwable exception) throws E {
		throw (E) exception;
	}

	/**
	 * A method that was found.
	 *
	 * @param bean its bean
	 * @param beanName the bean's name
	 * @param method the method
	 * @param annotation its annotation
	 */
	private record Found(Object bean, String beanName, Method method, CrdbChangefeedListener annotation) {

	}

}
