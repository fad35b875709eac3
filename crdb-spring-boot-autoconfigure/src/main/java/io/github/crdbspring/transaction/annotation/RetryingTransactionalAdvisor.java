package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.function.Function;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
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
import org.springframework.util.ClassUtils;

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
		String qualifier = (attribute.getQualifier() != null) ? attribute.getQualifier() : "";
		CrdbTransactionTemplate template = this.templates.apply(qualifier);
		return SpringTransactionalRetry.of(template.getTransactionManager())
			.<@Nullable Object>retry(template, attribute, options,
					() -> Invocations.proceed((ProxyMethodInvocation) invocation));
	}

}
