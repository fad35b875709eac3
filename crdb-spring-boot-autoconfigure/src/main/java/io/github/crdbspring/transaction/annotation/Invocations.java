package io.github.crdbspring.transaction.annotation;

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
	 */
	static @Nullable Object proceed(ProxyMethodInvocation invocation) {
		try {
			return invocation.invocableClone().proceed();
		}
		catch (Throwable ex) {
			throw Invocations.<RuntimeException>unchanged(ex);
		}
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> RuntimeException unchanged(Throwable failure) throws E {
		throw (E) failure;
	}

}
