package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.error.InvalidTransactionalMethodException;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.SystemTime;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.format.annotation.DurationFormat;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringValueResolver;

/**
 * Finds what {@link CrdbTransactional} says about a method: on the method itself, on its
 * class, or on what these override or implement. Answers are cached.
 */
final class TransactionalMethods {

	private final Map<MethodClassKey, Optional<TransactionalMethod>> cache = new ConcurrentHashMap<>();

	private final StringValueResolver placeholders;

	private final MethodChecks checks;

	/**
	 * Create a new instance.
	 * @param placeholders resolves placeholders in attributes
	 */
	TransactionalMethods(StringValueResolver placeholders) {
		this.placeholders = placeholders;
		this.checks = new MethodChecks(placeholders);
	}

	@Nullable TransactionalMethod find(Method method, @Nullable Class<?> targetClass) {
		if (method.getDeclaringClass() == Object.class) {
			return null;
		}
		MethodClassKey key = new MethodClassKey(method, targetClass);
		Optional<TransactionalMethod> cached = this.cache.get(key);
		if (cached == null) {
			cached = Optional.ofNullable(read(method, targetClass));
			this.cache.put(key, cached);
		}
		return cached.orElse(null);
	}

	/**
	 * Whether a method is annotated, without looking at the attributes: their
	 * placeholders may have no values yet, when proxies are made ahead of time.
	 */
	boolean isTransactional(Method method, Class<?> targetClass) {
		if (method.getDeclaringClass() == Object.class) {
			return false;
		}
		Class<?> userClass = ClassUtils.getUserClass(targetClass);
		return findAnnotation(method, AopUtils.getMostSpecificMethod(method, userClass), userClass) != null;
	}

	private @Nullable TransactionalMethod read(Method method, @Nullable Class<?> targetClass) {
		Class<?> userClass = (targetClass != null) ? ClassUtils.getUserClass(targetClass) : method.getDeclaringClass();
		Method specific = AopUtils.getMostSpecificMethod(method, userClass);
		CrdbTransactional annotation = findAnnotation(method, specific, userClass);
		return (annotation != null) ? convert(annotation, specific, userClass, MethodNames.of(specific, userClass), "")
				: null;
	}

	private static @Nullable CrdbTransactional findAnnotation(Method method, Method specific, Class<?> userClass) {
		CrdbTransactional onMethod = findOnMethod(specific, method);
		if (onMethod != null) {
			requireRetryable(specific, userClass);
			return onMethod;
		}
		return (ClassUtils.isUserLevelMethod(method) && RetryableMethods.isRetryable(specific, userClass))
				? findOnType(userClass, specific, method) : null;
	}

	/**
	 * Check that a method can be run again.
	 * @throws IllegalStateException if it cannot
	 */
	static void requireRetryable(Method method, Class<?> userClass) {
		if (!RetryableMethods.isRetryable(method, userClass)) {
			throw new InvalidTransactionalMethodException(
					"@CrdbTransactional method " + method.toGenericString()
							+ " cannot be run again, since what it returns is still under way when it has returned",
					"return a complete result instead, or use a CrdbTransactionTemplate where it is consumed", null);
		}
	}

	static @Nullable CrdbTransactional findOnMethod(Method specific, Method method) {
		CrdbTransactional found = AnnotatedElementUtils.findMergedAnnotation(specific, CrdbTransactional.class);
		return (found != null || specific.equals(method)) ? found
				: AnnotatedElementUtils.findMergedAnnotation(method, CrdbTransactional.class);
	}

	private static @Nullable CrdbTransactional findOnType(Class<?> userClass, Method specific, Method method) {
		for (Class<?> type : new Class<?>[] { userClass, specific.getDeclaringClass(), method.getDeclaringClass() }) {
			CrdbTransactional found = AnnotatedElementUtils.findMergedAnnotation(type, CrdbTransactional.class);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	/**
	 * Turn an annotation into what is to be done.
	 * @param name the name of the transaction, unless the annotation has one
	 * @param transactionManager the transaction manager, unless the annotation has one
	 * @throws IllegalStateException if an attribute is not valid
	 */
	TransactionalMethod convert(CrdbTransactional annotation, Method method, Class<?> userClass, String name,
			String transactionManager) {
		try {
			CrdbTransactionOptions.Builder options = CrdbTransactionOptions.builder()
				.name(!annotation.name().isEmpty() ? annotation.name() : name)
				.maxAttempts(annotation.maxAttempts())
				.priority(annotation.priority())
				.retryPriority(annotation.retryPriority())
				.isolation(annotation.isolation())
				.nested(annotation.nested())
				.outcome(annotation.outcome())
				.qualityOfService(annotation.qualityOfService())
				.lockTimeout(duration("lockTimeout", annotation.lockTimeout()))
				.timeout(duration("timeout", annotation.timeout()));
			if (annotation.readOnly()) {
				options.readOnly(true);
			}
			if (annotation.idempotent()) {
				options.idempotent(true);
			}
			String systemTime = resolve(annotation.systemTime());
			Assert.isTrue(systemTime.isEmpty() || !annotation.idempotent(),
					"systemTime makes the transaction read-only, for which idempotent has no meaning; remove one of them");
			SystemTimeExpression expression = null;
			if (systemTime.startsWith("#")) {
				expression = new SystemTimeExpression(method, systemTime);
			}
			else if (!systemTime.isEmpty()) {
				options.systemTime(SystemTime.parse(systemTime));
			}
			return new TransactionalMethod(
					!annotation.transactionManager().isEmpty() ? annotation.transactionManager() : transactionManager,
					options.build(), expression, contentionKeys(annotation, method),
					new RollbackRules(annotation.rollbackFor(), annotation.noRollbackFor()),
					annotation.name().isEmpty(), new MethodResult(method, userClass));
		}
		catch (RuntimeException ex) {
			throw new InvalidTransactionalMethodException("@CrdbTransactional on method " + method.toGenericString()
					+ " has an invalid attribute: " + ex.getMessage(), "correct the attribute", ex);
		}
	}

	private @Nullable ContentionKeys contentionKeys(CrdbTransactional annotation, Method method) {
		List<String> expressions = Arrays.stream(annotation.contentionKey()).map(this::resolve).toList();
		return !expressions.isEmpty() ? new ContentionKeys(method, expressions) : null;
	}

	private @Nullable Duration duration(String attribute, String value) {
		String text = resolve(value);
		if (text.isEmpty()) {
			return null;
		}
		// Elsewhere in Spring it would be seconds, or milliseconds
		Assert.isTrue(!text.matches("[+-]?\\d+"),
				() -> attribute + " '" + text + "' has no unit; use one such as " + text + "s or " + text + "ms");
		try {
			return DurationFormatterUtils.detectAndParse(text, DurationFormat.Unit.MILLIS);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					attribute + " '" + text + "' is not a duration; use one such as 10s, 500ms or PT10S", ex);
		}
	}

	private String resolve(String text) {
		String resolved = this.placeholders.resolveStringValue(text);
		return (resolved != null) ? resolved.strip() : "";
	}

	/**
	 * Check all methods of a class, so that a mistake is found when the bean is created
	 * and not when a method is called.
	 * @param beanClass the class
	 * @param templates is told which templates the methods need
	 */
	void check(Class<?> beanClass, RequiredTemplates templates) {
		for (Method method : ReflectionUtils.getUniqueDeclaredMethods(beanClass)) {
			boolean annotated = AnnotatedElementUtils.isAnnotated(method, CrdbTransactional.class);
			this.checks.checkInterceptable(method, beanClass, annotated);
			TransactionalMethod transactional = find(method, beanClass);
			if (transactional != null) {
				this.checks.checkCalls(method, beanClass, transactional.nested());
				templates.add(transactional, method);
			}
		}
	}

}
