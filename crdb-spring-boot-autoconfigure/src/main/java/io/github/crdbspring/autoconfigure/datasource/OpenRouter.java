package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ReflectionUtils;

/**
 * A router that may come to have other targets than it has now: it finds them in a way of
 * its own, or has methods of its own, with which a tenant can be added. What it hands out
 * is guarded connection by connection, whichever pool it is of. It stays of its class,
 * since applications have it injected to tell it of tenants.
 */
final class OpenRouter {

	private static final Log logger = LogFactory.getLog(OpenRouter.class);

	private static final Set<String> RESOLVING = Set.of("resolveSpecifiedLookupKey", "resolveSpecifiedDataSource");

	private OpenRouter() {
	}

	static boolean isOpen(AbstractRoutingDataSource router) {
		return declares(router, (method) -> method.getName().equals("determineTargetDataSource")
				|| RESOLVING.contains(method.getName()) || !isSprings(method));
	}

	/**
	 * Whether a router takes the keys and targets that it has resolved once more. One
	 * that makes keys out of texts, for instance, may not take a key in their place.
	 */
	static boolean mayResolveAgain(AbstractRoutingDataSource router) {
		return !declares(router, (method) -> RESOLVING.contains(method.getName()));
	}

	private static boolean declares(AbstractRoutingDataSource router, Predicate<Method> match) {
		for (Class<?> type = router.getClass(); type != AbstractRoutingDataSource.class; type = type.getSuperclass()) {
			if (Arrays.stream(type.getDeclaredMethods())
				.filter((method) -> !method.isSynthetic()
						&& (method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) == 0)
				.anyMatch(match)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isSprings(Method method) {
		return ReflectionUtils.findMethod(AbstractRoutingDataSource.class, method.getName(),
				method.getParameterTypes()) != null;
	}

	/**
	 * Guard what a router hands out.
	 * @param guard guards connections, and knows the server
	 * @return a proxy, or the router itself if its class lets no proxy be made
	 */
	static DataSource guard(AbstractRoutingDataSource router, CrdbDataSource guard) {
		if (Modifier.isFinal(router.getClass().getModifiers())) {
			return router;
		}
		ProxyFactory factory = new ProxyFactory(router);
		factory.setProxyTargetClass(true);
		factory.addAdvice((MethodInterceptor) (invocation) -> {
			@Nullable Object[] arguments = invocation.getArguments();
			boolean guardAskedFor = arguments.length == 1 && arguments[0] == CrdbDataSource.class;
			return switch (invocation.getMethod().getName()) {
				case "getConnection" ->
					(invocation.proceed() instanceof Connection connection) ? guard.guardIfNeeded(connection) : null;
				case "unwrap" -> guardAskedFor ? current(router, guard) : invocation.proceed();
				case "isWrapperFor" -> guardAskedFor ? (Object) true : invocation.proceed();
				default -> invocation.proceed();
			};
		});
		try {
			return (DataSource) factory.getProxy(router.getClass().getClassLoader());
		}
		catch (AopConfigException ex) {
			logger.debug("No proxy can be made of a router's class", ex);
			return router;
		}
	}

	/**
	 * The current target knows its own server, if it is guarded by itself.
	 */
	private static CrdbDataSource current(AbstractRoutingDataSource router, CrdbDataSource guard) throws SQLException {
		try {
			return router.isWrapperFor(CrdbDataSource.class) ? router.unwrap(CrdbDataSource.class) : guard;
		}
		catch (IllegalStateException ex) {
			logger.debug("A router has no target now", ex);
			return guard;
		}
	}

}
