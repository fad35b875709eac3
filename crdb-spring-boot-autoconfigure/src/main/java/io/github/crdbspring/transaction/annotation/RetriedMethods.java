package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.KeyedCall;
import io.github.crdbspring.transaction.SpringTransactionalRetry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.core.MethodClassKey;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.util.StringUtils;

/**
 * Runs methods of Spring's {@code @Transactional}, and runs them again.
 */
final class RetriedMethods {

	private static final Log logger = LogFactory.getLog(RetryingTransactionalAdvisor.class);

	private final Function<String, CrdbTransactionTemplate> templates;

	private final Map<MethodClassKey, RetriedMethod> methods = new ConcurrentHashMap<>();

	/**
	 * The transaction managers whose transactions have nothing to do with this library.
	 */
	private final Set<String> left = ConcurrentHashMap.newKeySet();

	RetriedMethods(Function<String, CrdbTransactionTemplate> templates) {
		this.templates = templates;
	}

	/**
	 * Run an invocation.
	 * @param transactionManager the bean name or qualifier of the transaction manager,
	 * may be empty
	 * @param targetClass the class that the method is named after
	 * @param name another name than the method's, {@code null} to keep that
	 */
	@Nullable Object run(ProxyMethodInvocation invocation, TransactionAttribute attribute, String transactionManager,
			@Nullable Class<?> targetClass, @Nullable String name) throws Throwable {
		CrdbTransactionTemplate template = findTemplate(transactionManager);
		if (template == null) {
			return invocation.proceed();
		}
		RetriedMethod method = this.methods.computeIfAbsent(new MethodClassKey(invocation.getMethod(), targetClass),
				(key) -> RetriedMethod.of(invocation.getMethod(), targetClass));
		CrdbTransactionOptions options = (name != null) ? CrdbTransactionOptions.builder().name(name).build()
				: method.options();
		return SpringTransactionalRetry.of(template.getTransactionManager())
			.<@Nullable Object>retry(template, attribute, options, new Call(invocation, method.result()));
	}

	private @Nullable CrdbTransactionTemplate findTemplate(String transactionManager) {
		if (this.left.contains(transactionManager)) {
			return null;
		}
		try {
			return this.templates.apply(transactionManager);
		}
		catch (RuntimeException ex) {
			UnusableTransactionManagerException unusable = RequiredTemplates.findUnusable(ex);
			if (unusable == null || !unusable.isForeign()) {
				throw ex;
			}
			leave(transactionManager, unusable);
			return null;
		}
	}

	/**
	 * Leave the transactions of a transaction manager alone.
	 */
	void leave(String transactionManager, UnusableTransactionManagerException reason) {
		if (this.left.add(transactionManager)) {
			logger.info("Methods of @Transactional "
					+ (transactionManager.isEmpty() ? "without the name of a transaction manager"
							: "with transaction manager '" + transactionManager + "'")
					+ " are not retried: " + reason.getReason());
		}
	}

	/**
	 * Return the bean name or qualifier of a transaction manager.
	 * @param otherwise what it is if the annotation says nothing
	 */
	static String transactionManager(TransactionAttribute attribute, String otherwise) {
		String qualifier = attribute.getQualifier();
		return (qualifier != null && StringUtils.hasLength(qualifier)) ? qualifier : otherwise;
	}

	/**
	 * What is the same for all calls of a method.
	 *
	 * @param options how to retry it
	 * @param result what it returns
	 */
	private record RetriedMethod(CrdbTransactionOptions options, MethodResult result) {

		static RetriedMethod of(Method method, @Nullable Class<?> targetClass) {
			return new RetriedMethod(CrdbTransactionOptions.builder().name(MethodNames.of(method, targetClass)).build(),
					new MethodResult(method, targetClass));
		}

	}

	/**
	 * A call of a method.
	 *
	 * @param invocation the invocation of it
	 * @param result looks at what it returns
	 */
	private record Call(ProxyMethodInvocation invocation,
			MethodResult result) implements Supplier<@Nullable Object>, KeyedCall {

		@Override
		public @Nullable Object get() {
			return Invocations.proceed(this.invocation, this.result::throwFailure);
		}

		@Override
		public @Nullable Object[] arguments() {
			return this.invocation.getArguments();
		}

	}

}
