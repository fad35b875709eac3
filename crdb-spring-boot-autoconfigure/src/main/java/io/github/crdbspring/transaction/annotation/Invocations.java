package io.github.crdbspring.transaction.annotation;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Runs the rest of an advised call, as often as needed.
 */
final class Invocations {

	private Invocations() {
	}

	/**
	 * Proceed with a clone of its own: an invocation that has proceeded once would skip
	 * the inner advice. A checked exception goes out as it is.
	 * @param check looks at the result
	 */
	static @Nullable Object proceed(ProxyMethodInvocation invocation, ResultCheck check) {
		try {
			Object result = invocation.invocableClone().proceed();
			check.check(result);
			return result;
		}
		catch (Throwable ex) {
			throw unchanged(ex);
		}
	}

	/**
	 * Proceed with the invocation itself.
	 */
	static @Nullable Object proceedOnce(MethodInvocation invocation) {
		try {
			return invocation.proceed();
		}
		catch (Throwable ex) {
			throw unchanged(ex);
		}
	}

	private static RuntimeException unchanged(Throwable failure) {
		return Invocations.<RuntimeException>sneak(failure);
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> RuntimeException sneak(Throwable failure) throws E {
		throw (E) failure;
	}

	/**
	 * Looks at what an invocation returned.
	 */
	interface ResultCheck {

		void check(@Nullable Object result) throws Throwable;

	}

}
