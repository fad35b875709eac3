package io.github.crdbspring.transaction.annotation;

import java.util.function.Function;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.KeyedCall;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionCallback;

/**
 * Runs an annotated method through the template.
 */
final class CrdbTransactionInterceptor implements MethodInterceptor {

	private final TransactionalMethods methods;

	private final Function<String, CrdbTransactionTemplate> templates;

	CrdbTransactionInterceptor(TransactionalMethods methods, Function<String, CrdbTransactionTemplate> templates) {
		this.methods = methods;
		this.templates = templates;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target) : null;
		TransactionalMethod method = this.methods.find(invocation.getMethod(), targetClass);
		if (method == null && target != null && target.getClass() != targetClass) {
			// The annotation is on an interface of a proxy, and not on what is behind it
			method = this.methods.find(invocation.getMethod(), target.getClass());
		}
		return (method != null) ? run((ProxyMethodInvocation) invocation, method, this.templates,
				CalledRepository.findName(invocation.getMethod(), targetClass)) : invocation.proceed();
	}

	/**
	 * Run an invocation as its method is annotated.
	 * @param name another name than the method's, {@code null} to keep that
	 */
	static @Nullable Object run(ProxyMethodInvocation invocation, TransactionalMethod method,
			Function<String, CrdbTransactionTemplate> templates, @Nullable String name) throws Throwable {
		return new Attempts(invocation, method).run(method.template(templates),
				method.options(invocation.getArguments(), name));
	}

	/**
	 * The attempts of one invocation.
	 */
	private static final class Attempts implements TransactionCallback<@Nullable Object>, KeyedCall {

		private final ProxyMethodInvocation invocation;

		private final TransactionalMethod method;

		private @Nullable Throwable thrownWithCommit;

		Attempts(ProxyMethodInvocation invocation, TransactionalMethod method) {
			this.invocation = invocation;
			this.method = method;
		}

		@Nullable Object run(CrdbTransactionTemplate template, CrdbTransactionOptions options) throws Throwable {
			Object result;
			try {
				result = template.<@Nullable Object>execute(options, this);
			}
			catch (Throwable ex) {
				if (this.thrownWithCommit != null && this.thrownWithCommit != ex) {
					ex.addSuppressed(this.thrownWithCommit);
				}
				throw ex;
			}
			if (this.thrownWithCommit != null) {
				throw this.thrownWithCommit;
			}
			return result;
		}

		@Override
		public @Nullable Object[] arguments() {
			return this.invocation.getArguments();
		}

		@Override
		public @Nullable Object doInTransaction(TransactionStatus status) {
			this.thrownWithCommit = null;
			try {
				return Invocations.proceed(this.invocation, this.method.result());
			}
			catch (Throwable ex) {
				if (this.method.rollbackRules().rollbackOn(ex)) {
					throw ex;
				}
				this.thrownWithCommit = ex;
				return null;
			}
		}

	}

}
