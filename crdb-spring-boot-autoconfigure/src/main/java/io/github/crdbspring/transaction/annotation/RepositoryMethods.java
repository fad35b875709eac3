package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.core.support.RepositoryFragment;

/**
 * Finds what {@link CrdbTransactional} says about the methods of a Spring Data
 * repository. In this order: on the method in the repository's interface or one that it
 * extends; on that interface; on the class behind it, which is the repository's base
 * class. A fragment is a bean with advice of its own, unless only the repository's
 * interface is annotated.
 */
final class RepositoryMethods {

	private final Map<Method, Optional<TransactionalMethod>> cache = new ConcurrentHashMap<>();

	private final RepositoryInformation information;

	private final CrdbTransactionalAdvisor advisor;

	private final String transactionManager;

	/**
	 * Create a new instance.
	 * @param transactionManager the bean name of the repository's transaction manager,
	 * may be empty
	 */
	RepositoryMethods(RepositoryInformation information, CrdbTransactionalAdvisor advisor, String transactionManager) {
		this.information = information;
		this.advisor = advisor;
		this.transactionManager = transactionManager;
	}

	Class<?> repositoryInterface() {
		return this.information.getRepositoryInterface();
	}

	Class<?> targetClass() {
		return this.information.getRepositoryBaseClass();
	}

	Stream<Method> all() {
		return Stream.of(repositoryInterface().getMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge());
	}

	/**
	 * Check all methods.
	 * @param templates is told which templates the methods need
	 * @return whether any method is transactional
	 */
	boolean check(RequiredTemplates templates) {
		return all().filter((method) -> {
			TransactionalMethod transactional = find(method);
			if (transactional == null) {
				return false;
			}
			templates.add(transactional, method);
			return true;
		}).count() > 0;
	}

	boolean isRetryable(Method method) {
		return RetryableMethods.isRetryable(AopUtils.getMostSpecificMethod(method, repositoryInterface()),
				repositoryInterface());
	}

	@Nullable TransactionalMethod find(Method method) {
		return (method.getDeclaringClass() != Object.class)
				? this.cache.computeIfAbsent(method, this::read).orElse(null) : null;
	}

	private Optional<TransactionalMethod> read(Method method) {
		Method specific = AopUtils.getMostSpecificMethod(method, repositoryInterface());
		if (isAdvisedFragment(specific)) {
			return Optional.empty();
		}
		CrdbTransactional annotation = TransactionalMethods.findOnMethod(specific, method);
		if (annotation != null) {
			TransactionalMethods.requireRetryable(specific, repositoryInterface());
		}
		else if (RetryableMethods.isRetryable(specific, repositoryInterface())) {
			annotation = findOnType(specific);
		}
		if (annotation == null) {
			annotation = findOnImplementation(method);
		}
		return Optional.ofNullable(annotation)
			.map((found) -> this.advisor.methods()
				.convert(found, specific, repositoryInterface(), MethodNames.of(specific, repositoryInterface()),
						this.transactionManager));
	}

	/**
	 * Find the annotation on the interface, or on one that it extends: on that of a
	 * fragment it is about the fragment's methods only.
	 */
	private @Nullable CrdbTransactional findOnType(Method method) {
		return MergedAnnotations.from(repositoryInterface(), SearchStrategy.TYPE_HIERARCHY)
			.stream(CrdbTransactional.class)
			.filter((annotation) -> annotation.getSource() instanceof Class<?> source
					&& (Repository.class.isAssignableFrom(source) || source == repositoryInterface()
							|| source == method.getDeclaringClass()))
			.findFirst()
			.map(MergedAnnotation::synthesize)
			.orElse(null);
	}

	private @Nullable CrdbTransactional findOnImplementation(Method method) {
		Method implementation = this.information.getTargetClassMethod(method);
		if (implementation.equals(method)) {
			return null;
		}
		// The repository's base class, which may have inherited it, or that of a fragment
		Class<?> type = implementation.getDeclaringClass().isAssignableFrom(targetClass()) ? targetClass()
				: implementation.getDeclaringClass();
		CrdbTransactional annotation = AnnotatedElementUtils.findMergedAnnotation(implementation,
				CrdbTransactional.class);
		if (annotation != null) {
			TransactionalMethods.requireRetryable(implementation, type);
			return annotation;
		}
		return RetryableMethods.isRetryable(implementation, type)
				? AnnotatedElementUtils.findMergedAnnotation(type, CrdbTransactional.class) : null;
	}

	boolean hasFragments() {
		return this.information.getRepositoryComposition()
			.getFragments()
			.stream()
			.anyMatch((fragment) -> fragment.getImplementation().isPresent());
	}

	/**
	 * Call a fragment, of which the transaction that its own advice begins is to have the
	 * repository's name.
	 */
	@Nullable Object callFragment(MethodInvocation invocation) throws Throwable {
		Class<?> fragment = findFragment(invocation.getMethod());
		return (fragment != null) ? CalledRepository.<@Nullable Object>call(
				AopUtils.getMostSpecificMethod(invocation.getMethod(), fragment),
				MethodNames.of(invocation.getMethod(), repositoryInterface()),
				() -> Invocations.proceedOnce(invocation)) : invocation.proceed();
	}

	private boolean isAdvisedFragment(Method method) {
		Class<?> fragment = findFragment(method);
		return fragment != null && this.advisor.methods().isTransactional(method, fragment);
	}

	/**
	 * Find the class of the fragment that implements a method, if that is a bean that has
	 * advice of its own.
	 */
	private @Nullable Class<?> findFragment(Method method) {
		for (RepositoryFragment<?> fragment : this.information.getRepositoryComposition().getFragments()) {
			if (fragment.hasMethod(method)) {
				Object implementation = fragment.getImplementation().orElse(null);
				return (implementation != null && AopUtils.isAopProxy(implementation))
						? AopUtils.getTargetClass(implementation) : null;
			}
		}
		return null;
	}

}
