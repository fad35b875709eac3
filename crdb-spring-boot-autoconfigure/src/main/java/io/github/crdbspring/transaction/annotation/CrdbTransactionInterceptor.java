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
		TransactionalMethod method = this.methods.find(invocation.getMethod(),
				(target != null) ? AopUtils.getTargetClass(target) : null);
		if (method == null) {
			return invocation.proceed();
		}
		Attempts attempts = new Attempts((ProxyMethodInvocation) invocation, method.rollbackRules());
		return attempts.run(method.template(this.templates), method.options(invocation.getArguments()));
	}

	/**
	 * The attempts of one invocation.
	 */
	private static final class Attempts implements TransactionCallback<@Nullable Object>, KeyedCall {

		private final ProxyMethodInvocation invocation;

		private final RollbackRules rollbackRules;

		private @Nullable Throwable thrownWithCommit;

		Attempts(ProxyMethodInvocation invocation, RollbackRules rollbackRules) {
			this.invocation = invocation;
			this.rollbackRules = rollbackRules;
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
				return Invocations.proceed(this.invocation);
			}
			catch (Throwable ex) {
				if (this.rollbackRules.rollbackOn(ex)) {
					throw ex;
				}
				this.thrownWithCommit = ex;
				return null;
			}
		}

	}

}
