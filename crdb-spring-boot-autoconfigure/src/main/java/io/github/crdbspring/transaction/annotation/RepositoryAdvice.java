package io.github.crdbspring.transaction.annotation;

import java.util.List;

import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionInterceptor;

/**
 * Applies {@link CrdbTransactional}, and retries Spring's {@code @Transactional}, in the
 * proxy of a Spring Data repository, right outside of the transaction advice that Spring
 * Data puts there itself. From the outside of that proxy nobody sees what the classes
 * behind it are annotated with.
 * <p>
 * Infrastructure of this library, no API for applications. Thread-safe.
 *
 * @since 0.1.0
 */
public final class RepositoryAdvice {

	private final CrdbTransactionalAdvisor advisor;

	private final @Nullable RetryingTransactionalAdvisor retrying;

	/**
	 * Create a new instance.
	 * @param advisor applies the annotation
	 * @param retrying retries Spring's own annotation, {@code null} if that is not to be
	 */
	public RepositoryAdvice(CrdbTransactionalAdvisor advisor, @Nullable RetryingTransactionalAdvisor retrying) {
		this.advisor = advisor;
		this.retrying = retrying;
	}

	/**
	 * Add the advice to a repository.
	 * @param factory makes the repository's proxy, and has Spring Data's advice already
	 * @param information what Spring Data knows of the repository
	 * @param transactionManager the bean name of the repository's transaction manager,
	 * may be empty
	 * @throws IllegalStateException if an annotated method of the repository cannot be
	 * retried, or an attribute is not valid
	 */
	public void addTo(ProxyFactory factory, RepositoryInformation information, String transactionManager) {
		RepositoryMethods methods = new RepositoryMethods(information, this.advisor, transactionManager);
		this.advisor.addRepository(information.getRepositoryInterface());
		int position = findTransactionAdvice(factory);
		TransactionAttributeSource attributeSource = (position < factory.getAdvisorCount())
				? ((TransactionInterceptor) factory.getAdvisors()[position].getAdvice()).getTransactionAttributeSource()
				: null;
		if (this.retrying != null && attributeSource != null) {
			checkTemplates(this.retrying, methods, attributeSource, transactionManager);
			factory.addAdvice(position, retry(this.retrying, methods, attributeSource, transactionManager));
		}
		if (methods.check(this.advisor.required())) {
			factory.addAdvice(position, transactional(methods));
		}
		if (methods.hasFragments()) {
			factory.addAdvice(position, (MethodInterceptor) methods::callFragment);
		}
	}

	private static int findTransactionAdvice(ProxyFactory factory) {
		List<Advisor> advisors = List.of(factory.getAdvisors());
		for (int i = 0; i < advisors.size(); i++) {
			if (advisors.get(i).getAdvice() instanceof TransactionInterceptor) {
				return i;
			}
		}
		return advisors.size();
	}

	private MethodInterceptor transactional(RepositoryMethods methods) {
		return (invocation) -> {
			TransactionalMethod method = methods.find(invocation.getMethod());
			return (method != null) ? CrdbTransactionInterceptor.run((ProxyMethodInvocation) invocation, method,
					this.advisor.templates(), null) : invocation.proceed();
		};
	}

	private static void checkTemplates(RetryingTransactionalAdvisor retrying, RepositoryMethods methods,
			TransactionAttributeSource attributeSource, String transactionManager) {
		methods.all().forEach((method) -> {
			TransactionAttribute attribute = attributeSource.getTransactionAttribute(method, methods.targetClass());
			if (attribute != null && methods.isRetryable(method)) {
				retrying.required().add(RetriedMethods.transactionManager(attribute, transactionManager), method);
			}
		});
	}

	private static MethodInterceptor retry(RetryingTransactionalAdvisor retrying, RepositoryMethods methods,
			TransactionAttributeSource attributeSource, String transactionManager) {
		return (invocation) -> {
			TransactionAttribute attribute = attributeSource.getTransactionAttribute(invocation.getMethod(),
					methods.targetClass());
			return (attribute != null && methods.isRetryable(invocation.getMethod())) ? retrying.methods()
				.run((ProxyMethodInvocation) invocation, attribute,
						RetriedMethods.transactionManager(attribute, transactionManager), methods.repositoryInterface(),
						null)
					: invocation.proceed();
		};
	}

}
