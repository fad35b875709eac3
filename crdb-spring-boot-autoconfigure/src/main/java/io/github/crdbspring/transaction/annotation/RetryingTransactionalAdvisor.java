package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.function.Function;

import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.SpringTransactionalRetry;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.Ordered;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionalProxy;
import org.springframework.util.ReflectionUtils;

/**
 * Has methods of Spring's {@code @Transactional} run again as those of
 * {@link CrdbTransactional} are. Their transactions stay Spring's own, with all that its
 * annotation says. A method whose result is not complete when it returns is left as it
 * is, and so is one whose transactions are not those of a guarded DataSource.
 * <p>
 * As {@link CrdbTransactionalAdvisor}, it gets its place from {@link AdvisorPlacement}.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class RetryingTransactionalAdvisor extends StaticMethodMatcherPointcutAdvisor {

	private final transient TransactionAttributeSource attributeSource;

	private final transient RetriedMethods methods;

	private final transient RequiredTemplates required;

	/**
	 * Create a new advisor.
	 * @param templates finds the template for the bean name or qualifier of a transaction
	 * manager, or for an empty text the default one
	 * @param attributeSource reads the annotations, the same that Spring's own advice
	 * asks
	 */
	public RetryingTransactionalAdvisor(Function<String, CrdbTransactionTemplate> templates,
			TransactionAttributeSource attributeSource) {
		this.methods = new RetriedMethods(templates);
		this.required = new RequiredTemplates("@Transactional", templates);
		this.attributeSource = attributeSource;
		setAdvice((MethodInterceptor) this::invoke);
		// As Spring's own: proxies of repositories have the advice inside
		setClassFilter(
				(type) -> !TransactionalProxy.class.isAssignableFrom(type) && attributeSource.isCandidateClass(type));
		// Outside of Spring's transaction advice, inside of our own
		setOrder(Ordered.LOWEST_PRECEDENCE - 9);
	}

	/**
	 * Check that the transactions of all methods that are annotated with
	 * {@code @Transactional} can be retried, as is to be done once all beans are there.
	 * @param beanClasses the classes of the beans
	 * @throws io.github.crdbspring.error.UnusableTransactionManagerException if those of
	 * one of them cannot
	 */
	public void checkTemplates(Collection<Class<?>> beanClasses) {
		for (Class<?> beanClass : beanClasses) {
			if (this.attributeSource.isCandidateClass(beanClass)) {
				for (Method method : ReflectionUtils.getUniqueDeclaredMethods(beanClass)) {
					TransactionAttribute attribute = this.attributeSource.getTransactionAttribute(method, beanClass);
					if (attribute != null && RetryableMethods.isRetryable(method, beanClass)) {
						this.required.add(RetriedMethods.transactionManager(attribute, ""), method);
					}
				}
			}
		}
		this.required.check(RetryingTransactionalAdvisor::checkTemplate, this.methods::leave);
	}

	private static void checkTemplate(CrdbTransactionTemplate template) {
		try {
			SpringTransactionalRetry.of(template.getTransactionManager());
		}
		catch (IllegalStateException ex) {
			throw new UnusableTransactionManagerException(ex.getMessage() + ".",
					"Use such a transaction manager. If it is one, it was made too early, since a BeanPostProcessor or "
							+ "what it needs has it injected: let that take an ObjectProvider<PlatformTransactionManager>.",
					ex);
		}
		template.requireOutcomeTable();
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return this.attributeSource.getTransactionAttribute(method, targetClass) != null
				&& RetryableMethods.isRetryable(method, targetClass);
	}

	private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target) : null;
		TransactionAttribute attribute = this.attributeSource.getTransactionAttribute(invocation.getMethod(),
				targetClass);
		return (attribute != null) ? this.methods.run((ProxyMethodInvocation) invocation, attribute,
				RetriedMethods.transactionManager(attribute, ""), targetClass,
				CalledRepository.findName(invocation.getMethod(), targetClass)) : invocation.proceed();
	}

	RetriedMethods methods() {
		return this.methods;
	}

	RequiredTemplates required() {
		return this.required;
	}

}
