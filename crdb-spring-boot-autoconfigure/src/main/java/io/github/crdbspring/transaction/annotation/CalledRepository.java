package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;

/**
 * The repository through which a method of one of its fragments is being called. The
 * fragment is a bean with advice of its own, and may be part of several repositories; its
 * transactions have the name of the one that was called.
 */
final class CalledRepository {

	private static final ThreadLocal<@Nullable CalledRepository> current = new ThreadLocal<>();

	private final Method method;

	private final String name;

	private CalledRepository(Method method, String name) {
		this.method = method;
		this.name = name;
	}

	/**
	 * Run a call to a fragment.
	 * @param method the method of the fragment's own class
	 * @param name the name that it has as a method of the repository
	 */
	static <T extends @Nullable Object> T call(Method method, String name, Supplier<T> action) {
		CalledRepository outer = current.get();
		current.set(new CalledRepository(method, name));
		try {
			return action.get();
		}
		finally {
			if (outer != null) {
				current.set(outer);
			}
			else {
				current.remove();
			}
		}
	}

	/**
	 * Find the name that a method has in the repository that was called.
	 * @return the name, {@code null} if the method was not called through a repository
	 */
	static @Nullable String findName(Method method, @Nullable Class<?> targetClass) {
		CalledRepository called = current.get();
		return (called != null && called.method.equals(AopUtils.getMostSpecificMethod(method, targetClass)))
				? called.name : null;
	}

}
