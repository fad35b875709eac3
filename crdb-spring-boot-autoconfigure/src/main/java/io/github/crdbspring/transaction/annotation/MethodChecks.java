package io.github.crdbspring.transaction.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

import io.github.crdbspring.error.InvalidTransactionalMethodException;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.util.StringValueResolver;

/**
 * What is wrong with an annotated method whatever its attributes are: that it would run
 * without its transaction, or could not be run again.
 */
final class MethodChecks {

	private static final Log logger = LogFactory.getLog(CrdbTransactional.class);

	/**
	 * Have a method called on the bean itself, past its proxy.
	 */
	private static final Set<String> LIFECYCLE = Set.of("jakarta.annotation.PostConstruct",
			"jakarta.annotation.PreDestroy", "javax.annotation.PostConstruct", "javax.annotation.PreDestroy");

	private static final String OPEN = "declare the class and its methods open, or have Kotlin's compiler plugin "
			+ "all-open do so for the annotation " + CrdbTransactional.class.getName();

	private static final String NESTED_DEFAULT = "${crdb.transaction.nested:}";

	private final StringValueResolver placeholders;

	MethodChecks(StringValueResolver placeholders) {
		this.placeholders = placeholders;
	}

	/**
	 * Check that a proxy sees the calls of a method.
	 * @param annotated whether the method itself is annotated
	 */
	void checkInterceptable(Method method, Class<?> beanClass, boolean annotated) {
		int modifiers = method.getModifiers();
		if (annotated) {
			String obstacle = Modifier.isPrivate(modifiers) ? "private"
					: Modifier.isStatic(modifiers) ? "static" : Modifier.isFinal(modifiers) ? "final" : null;
			if (obstacle != null) {
				throw uninterceptable(method, obstacle);
			}
		}
		else if (Modifier.isFinal(modifiers) && !Modifier.isPrivate(modifiers) && !Modifier.isStatic(modifiers)
				&& !method.isSynthetic()) {
			checkFinal(method, beanClass);
		}
		if (annotated || isOnType(beanClass)) {
			checkLifecycle(method, annotated);
		}
	}

	/**
	 * A class that has its annotation from elsewhere may inherit methods that have
	 * nothing to do with it, as those of Spring's support classes.
	 */
	private static void checkFinal(Method method, Class<?> beanClass) {
		if (Proxy.isProxyClass(beanClass)) {
			return;
		}
		if (isOnType(method.getDeclaringClass())) {
			throw uninterceptable(method, "final");
		}
		if (isOnType(beanClass) && Modifier.isPublic(method.getModifiers())
				&& !isLibrarys(method.getDeclaringClass().getName())) {
			logger.warn("Method " + method.toGenericString() + ", which @CrdbTransactional class " + beanClass.getName()
					+ " inherits, is final, so that no proxy can intercept it: it runs without a transaction");
		}
	}

	private static boolean isLibrarys(String className) {
		return className.startsWith("java.") || className.startsWith("org.springframework.");
	}

	private static boolean isOnType(Class<?> type) {
		return AnnotatedElementUtils.hasAnnotation(type, CrdbTransactional.class);
	}

	private static InvalidTransactionalMethodException uninterceptable(Method method, String obstacle) {
		boolean closed = obstacle.equals("final") && isKotlin(method.getDeclaringClass());
		return new InvalidTransactionalMethodException(
				"@CrdbTransactional method " + method.toGenericString() + " is " + obstacle
						+ ", so that no proxy can intercept it and it would run without a transaction",
				(closed ? OPEN : "make it not " + obstacle) + ", or use a CrdbTransactionTemplate", null);
	}

	/**
	 * Check that there can be a proxy of a class at all, which is made a subclass if the
	 * class has no interface.
	 */
	static void checkProxyable(Class<?> beanClass, Method method) {
		if (Modifier.isFinal(beanClass.getModifiers()) && beanClass.getInterfaces().length == 0) {
			throw new InvalidTransactionalMethodException(
					"Class " + beanClass.getName() + " of @CrdbTransactional method " + method.toGenericString()
							+ " is final, so that no proxy can be made of it",
					(isKotlin(beanClass) ? OPEN : "make it not final") + ", or use a CrdbTransactionTemplate", null);
		}
	}

	private static boolean isKotlin(Class<?> type) {
		return isPresent(type.getAnnotations(), Set.of("kotlin.Metadata"));
	}

	private static boolean isPresent(Annotation[] annotations, Set<String> names) {
		return Arrays.stream(annotations)
			.anyMatch((annotation) -> names.contains(annotation.annotationType().getName()));
	}

	private static void checkLifecycle(Method method, boolean annotated) {
		if (!isPresent(method.getAnnotations(), LIFECYCLE)) {
			return;
		}
		String problem = method.toGenericString() + " is called on the bean itself, past its proxy, when the bean is "
				+ "made or destroyed, so that it runs without a transaction";
		String remedy = "use a CrdbTransactionTemplate in it, or do it in a method of another bean, or at an event "
				+ "such as ApplicationReadyEvent";
		if (annotated) {
			throw new InvalidTransactionalMethodException("@CrdbTransactional method " + problem, remedy, null);
		}
		logger.warn("Method " + problem + "; " + remedy + ", if it has to do with the database at all");
	}

	/**
	 * Check when a method is called, and with what.
	 * @param nested what happens inside of another transaction
	 */
	void checkCalls(Method method, Class<?> beanClass, NestedTransactionPolicy nested) {
		checkProxyable(beanClass, method);
		checkListener(method, beanClass, nested);
		Transactional springs = AnnotatedElementUtils.findMergedAnnotation(method, Transactional.class);
		if (springs != null && (springs.propagation() == Propagation.REQUIRES_NEW
				|| springs.propagation() == Propagation.NOT_SUPPORTED)) {
			logger.warn("@CrdbTransactional method " + method.toGenericString() + " is @Transactional(propagation = "
					+ springs.propagation() + "), too, so that its work is not done in the transaction that "
					+ "@CrdbTransactional begins, which only holds another connection. Remove one of them");
		}
		Type readOnce = RetryableMethods.findReadOnce(method, beanClass);
		if (readOnce != null) {
			logger.warn("@CrdbTransactional method " + method.toGenericString() + " has a parameter of type "
					+ readOnce.getTypeName() + ", which can be read only once: when the method is run again, there "
					+ "may be nothing left to read. Pass a complete value instead, such as a List or a byte[]");
		}
		if (RetryableMethods.isLazy(method, beanClass)) {
			logger.warn("@CrdbTransactional method " + method.toGenericString() + " returns something that may do its "
					+ "work when it is asked, which is after the transaction and without being run again. Return the "
					+ "value itself instead");
		}
	}

	private void checkListener(Method method, Class<?> beanClass, NestedTransactionPolicy nested) {
		TransactionalEventListener listener = AnnotatedElementUtils.findMergedAnnotation(method,
				TransactionalEventListener.class);
		if (listener == null || listener.phase() == TransactionPhase.BEFORE_COMMIT
				|| effective(nested) == NestedTransactionPolicy.REQUIRES_NEW
				|| RetryableMethods.isAsync(method, beanClass)) {
			return;
		}
		throw new InvalidTransactionalMethodException(
				"@CrdbTransactional method " + method.toGenericString()
						+ " is a @TransactionalEventListener that is called when the transaction has ended ("
						+ listener.phase() + "), so that its own work would be lost",
				"give it a transaction of its own: "
						+ "@CrdbTransactional(nested = NestedTransactionPolicy.REQUIRES_NEW), or have it called on "
						+ "another thread with @Async, or in TransactionPhase.BEFORE_COMMIT",
				null);
	}

	private @Nullable NestedTransactionPolicy effective(NestedTransactionPolicy nested) {
		if (nested != NestedTransactionPolicy.DEFAULT) {
			return nested;
		}
		String configured = this.placeholders.resolveStringValue(NESTED_DEFAULT);
		return (configured != null && configured.toLowerCase(Locale.ROOT).replaceAll("[-_]", "").equals("requiresnew"))
				? NestedTransactionPolicy.REQUIRES_NEW : null;
	}

}
