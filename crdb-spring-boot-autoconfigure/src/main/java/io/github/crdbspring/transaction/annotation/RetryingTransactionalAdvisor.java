package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.KeyedCall;
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
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Has methods of Spring's {@code @Transactional} run again as those of
 * {@link CrdbTransactional} are. Their transactions stay Spring's own, with all that its
 * annotation says. A method whose result is not complete when it returns is left as it
 * is.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class RetryingTransactionalAdvisor extends StaticMethodMatcherPointcutAdvisor {

	private final transient TransactionAttributeSource attributeSource;

	private final transient Function<String, CrdbTransactionTemplate> templates;

	/**
	 * Create a new advisor.
	 * @param templates finds the template for the bean name or qualifier of a transaction
	 * manager, or for an empty text the default one
	 * @param attributeSource reads the annotations, the same that Spring's own advice
	 * asks
	 */
	public RetryingTransactionalAdvisor(Function<String, CrdbTransactionTemplate> templates,
			TransactionAttributeSource attributeSource) {
		this.templates = templates;
		this.attributeSource = attributeSource;
		setAdvice((MethodInterceptor) this::invoke);
		setClassFilter(attributeSource::isCandidateClass);
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
		RequiredTemplates required = new RequiredTemplates("@Transactional", this.templates);
		for (Class<?> beanClass : beanClasses) {
			if (this.attributeSource.isCandidateClass(beanClass)) {
				for (Method method : ReflectionUtils.getUniqueDeclaredMethods(beanClass)) {
					TransactionAttribute attribute = this.attributeSource.getTransactionAttribute(method, beanClass);
					if (attribute != null && RetryableMethods.isRetryable(method)) {
						required.add(transactionManager(attribute), method);
					}
				}
			}
		}
		required.check(RetryingTransactionalAdvisor::checkListener);
	}

	private static void checkListener(CrdbTransactionTemplate template) {
		try {
			SpringTransactionalRetry.of(template.getTransactionManager());
		}
		catch (IllegalStateException ex) {
			throw new UnusableTransactionManagerException(ex.getMessage() + ".",
					"Use such a transaction manager. If it is one, it was made too early, since a BeanPostProcessor or "
							+ "what it needs has it injected: let that take an ObjectProvider<PlatformTransactionManager>.",
					ex);
		}
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return this.attributeSource.getTransactionAttribute(method, targetClass) != null
				&& RetryableMethods.isRetryable(method);
	}

	private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target) : null;
		TransactionAttribute attribute = this.attributeSource.getTransactionAttribute(invocation.getMethod(),
				targetClass);
		if (attribute == null) {
			return invocation.proceed();
		}
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.name(ClassUtils.getQualifiedMethodName(invocation.getMethod(), targetClass))
			.build();
		CrdbTransactionTemplate template = this.templates.apply(transactionManager(attribute));
		return SpringTransactionalRetry.of(template.getTransactionManager())
			.<@Nullable Object>retry(template, attribute, options, new Call((ProxyMethodInvocation) invocation));
	}

	private static String transactionManager(TransactionAttribute attribute) {
		return (attribute.getQualifier() != null) ? attribute.getQualifier() : "";
	}

	/**
	 * A call of a transactional method.
	 *
	 * @param invocation the invocation of it
	 */
	private record Call(ProxyMethodInvocation invocation) implements Supplier<@Nullable Object>, KeyedCall {

		@Override
		public @Nullable Object get() {
			return Invocations.proceed(this.invocation);
		}

		@Override
		public @Nullable Object[] arguments() {
			return this.invocation.getArguments();
		}

	}

}
