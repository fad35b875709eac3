package io.github.crdbspring.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What the proxies around JDBC objects have in common: they forward calls, but answer
 * {@code equals}, {@code hashCode}, {@code toString} and {@code unwrap} themselves.
 */
final class ProxyCalls {

	private ProxyCalls() {
	}

	static <T> T newProxy(Class<T> type, InvocationHandler handler) {
		return type.cast(Proxy.newProxyInstance(ProxyCalls.class.getClassLoader(), new Class<?>[] { type }, handler));
	}

	static @Nullable Object forward(Object proxy, Object target, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		switch (method.getName()) {
			case "equals" -> {
				return args != null && args[0] == proxy;
			}
			case "hashCode" -> {
				return System.identityHashCode(proxy);
			}
			case "toString" -> {
				return "Guarded " + target;
			}
			case "unwrap", "isWrapperFor" -> {
				if (args != null && args[0] instanceof Class<?> type && type.isInstance(proxy)) {
					return method.getName().equals("unwrap") ? proxy : (Object) true;
				}
			}
			default -> {
			}
		}
		return call(target, method, args);
	}

	static Object require(@Nullable Object result) {
		Assert.state(result != null, "A proxied method returned null");
		return result;
	}

	static @Nullable Object call(Object target, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		try {
			return method.invoke(target, args);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

}
