package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.github.crdbspring.transaction.CrdbTransactionTemplate;

import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.Ordered;
import org.springframework.transaction.interceptor.TransactionalProxy;
import org.springframework.util.StringValueResolver;

/**
 * Applies {@link CrdbTransactional}, outside of Spring's own transaction advice, so that
 * each attempt has a transaction of its own.
 * <p>
 * To be registered as an infrastructure bean: without AspectJ on the class path Spring
 * ignores other advisors. An order cannot say that it belongs right outside of Spring's
 * advice, which has the lowest precedence as others have: {@link AdvisorPlacement} does.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class CrdbTransactionalAdvisor extends StaticMethodMatcherPointcutAdvisor {

	private final transient AnnotatedTypes types = new AnnotatedTypes();

	private final transient TransactionalMethods methods;

	private final transient Function<String, CrdbTransactionTemplate> templates;

	private final transient RequiredTemplates required;

	/**
	 * The interfaces of the repositories that have their advice inside.
	 */
	private final transient Set<Class<?>> repositories = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new advisor.
	 * @param templates finds the template for the bean name or qualifier of a transaction
	 * manager, or for an empty text the default one
	 * @param placeholders resolves placeholders in the annotation's attributes
	 */
	public CrdbTransactionalAdvisor(Function<String, CrdbTransactionTemplate> templates,
			StringValueResolver placeholders) {
		this.methods = new TransactionalMethods(placeholders);
		this.templates = templates;
		this.required = new RequiredTemplates("@CrdbTransactional", templates);
		setAdvice(new CrdbTransactionInterceptor(this.methods, templates));
		setClassFilter((type) -> this.types.isCandidate(type) && !hasAdviceInside(type));
		// Where its place cannot be corrected, it has to be outside of Spring's advice
		setOrder(Ordered.LOWEST_PRECEDENCE - 10);
	}

	private boolean hasAdviceInside(Class<?> type) {
		return TransactionalProxy.class.isAssignableFrom(type)
				&& this.repositories.stream().anyMatch((repository) -> repository.isAssignableFrom(type));
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return this.methods.isTransactional(method, targetClass);
	}

	/**
	 * Check all methods of a bean's class, so that a mistake is found when the bean is
	 * created and not when the method is called.
	 * @param beanClass the class
	 * @throws IllegalStateException if an annotated method cannot be retried, or an
	 * attribute is not valid
	 */
	public void check(Class<?> beanClass) {
		if (this.types.isCandidate(beanClass)) {
			this.methods.check(beanClass, this.required);
		}
	}

	/**
	 * Check that there is a template for all methods that have been checked, as is to be
	 * done once all beans are there.
	 * @throws io.github.crdbspring.error.UnusableTransactionManagerException if there is
	 * none for one of them
	 */
	public void checkTemplates() {
		this.required.check();
	}

	/**
	 * Take note that a repository has its advice inside of its proxy.
	 */
	void addRepository(Class<?> repositoryInterface) {
		this.repositories.add(repositoryInterface);
	}

	TransactionalMethods methods() {
		return this.methods;
	}

	Function<String, CrdbTransactionTemplate> templates() {
		return this.templates;
	}

	RequiredTemplates required() {
		return this.required;
	}

}
