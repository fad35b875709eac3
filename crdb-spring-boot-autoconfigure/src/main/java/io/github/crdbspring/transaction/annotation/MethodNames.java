package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The name of a transaction that is run by a method and has not been given one: it is the
 * same for every annotation that may begin it.
 */
final class MethodNames {

	private MethodNames() {
	}

	/**
	 * Return the name that a method has as one of a class.
	 * @param targetClass the class that it is called on, which may be a proxy's
	 */
	static String of(Method method, @Nullable Class<?> targetClass) {
		Class<?> type = (targetClass != null) ? ClassUtils.getUserClass(targetClass) : method.getDeclaringClass();
		return ClassUtils.getShortName(Proxy.isProxyClass(type) ? findInterface(method, type) : type) + "."
				+ method.getName();
	}

	/**
	 * Find the interface that the class of a JDK proxy stands for, whose own name says
	 * nothing.
	 */
	private static Class<?> findInterface(Method method, Class<?> proxyClass) {
		for (Class<?> type : proxyClass.getInterfaces()) {
			if (ReflectionUtils.findMethod(type, method.getName(), method.getParameterTypes()) != null) {
				return type;
			}
		}
		return method.getDeclaringClass();
	}

}
