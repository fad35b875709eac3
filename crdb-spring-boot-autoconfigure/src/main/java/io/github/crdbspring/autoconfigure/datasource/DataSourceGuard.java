package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Puts a {@link CrdbDataSource} where connections of the PostgreSQL driver are opened:
 * around a pool, but beneath what delegates or routes to one. What opens no such
 * connections stays the same instance.
 */
final class DataSourceGuard {

	private static final Log logger = LogFactory.getLog(DataSourceGuard.class);

	private final UnaryOperator<DataSource> wrapper;

	/**
	 * Create a guard.
	 * @param wrapper makes the {@link CrdbDataSource} for a pool
	 */
	DataSourceGuard(UnaryOperator<DataSource> wrapper) {
		this.wrapper = wrapper;
	}

	DataSource guard(DataSource dataSource) {
		if (AopUtils.isAopProxy(dataSource)) {
			return guardProxy(dataSource);
		}
		if (dataSource instanceof DelegatingDataSource delegating) {
			guardTarget(delegating);
			return dataSource;
		}
		if (dataSource instanceof AbstractRoutingDataSource routing) {
			return guardRouter(routing);
		}
		if (isGuarded(dataSource) || !PostgresDriverDetector.isUsedBy(dataSource)) {
			return dataSource;
		}
		return this.wrapper.apply(dataSource);
	}

	/**
	 * A proxy whose target depends on a scope is left alone: to ask for its target could
	 * fail, and the target is guarded when it is made.
	 */
	private DataSource guardProxy(DataSource proxy) {
		boolean unguarded = AopProxyUtils.getSingletonTarget(proxy) instanceof DataSource target && !isGuarded(proxy)
				&& guard(target) != target;
		return unguarded ? this.wrapper.apply(proxy) : proxy;
	}

	private void guardTarget(DelegatingDataSource delegating) {
		DataSource target = delegating.getTargetDataSource();
		if (target == null || delegating instanceof CrdbDataSource) {
			return;
		}
		DataSource guarded = guard(target);
		if (guarded != target) {
			delegating.setTargetDataSource(guarded);
		}
		if (delegating instanceof LazyConnectionDataSourceProxy lazy) {
			DataSource readOnly = DataSourceTargets.readOnlyTarget(lazy);
			if (readOnly != null) {
				lazy.setReadOnlyDataSource(guard(readOnly));
			}
		}
	}

	private DataSource guardRouter(AbstractRoutingDataSource routing) {
		if (OpenRouter.mayResolveAgain(routing)) {
			guardTargets(routing);
		}
		return (OpenRouter.isOpen(routing) && this.wrapper.apply(routing) instanceof CrdbDataSource guard)
				? OpenRouter.guard(routing, guard) : routing;
	}

	private void guardTargets(AbstractRoutingDataSource routing) {
		Map<Object, DataSource> targets = DataSourceTargets.resolvedTargets(routing);
		DataSource defaultTarget = routing.getResolvedDefaultDataSource();
		Map<DataSource, DataSource> guarded = new IdentityHashMap<>();
		targets.values().forEach((target) -> guarded.computeIfAbsent(target, this::guard));
		if (defaultTarget != null) {
			guarded.computeIfAbsent(defaultTarget, this::guard);
		}
		if (guarded.entrySet().stream().allMatch((entry) -> entry.getKey() == entry.getValue())) {
			return;
		}
		Map<Object, Object> guardedTargets = new LinkedHashMap<>();
		targets.forEach((key, target) -> guardedTargets.put(key, guarded.getOrDefault(target, target)));
		routing.setTargetDataSources(guardedTargets);
		if (defaultTarget != null) {
			routing.setDefaultTargetDataSource(guarded.getOrDefault(defaultTarget, defaultTarget));
		}
		routing.initialize();
	}

	/**
	 * Whether a DataSource, or one that it delegates or routes to, hands out connections
	 * of the PostgreSQL driver that are not guarded.
	 */
	static boolean isUnguarded(@Nullable DataSource dataSource) {
		if (dataSource == null || dataSource instanceof CrdbDataSource) {
			return false;
		}
		if (AopUtils.isAopProxy(dataSource)) {
			return AopProxyUtils.getSingletonTarget(dataSource) instanceof DataSource target && !isGuarded(dataSource)
					&& isUnguarded(target);
		}
		if (dataSource instanceof DelegatingDataSource delegating) {
			return isUnguarded(delegating.getTargetDataSource())
					|| (delegating instanceof LazyConnectionDataSourceProxy lazy
							&& isUnguarded(DataSourceTargets.readOnlyTarget(lazy)));
		}
		if (dataSource instanceof AbstractRoutingDataSource routing) {
			return isUnguarded(routing.getResolvedDefaultDataSource()) || DataSourceTargets.resolvedTargets(routing)
				.values()
				.stream()
				.anyMatch(DataSourceGuard::isUnguarded);
		}
		return !isGuarded(dataSource) && PostgresDriverDetector.isUsedBy(dataSource);
	}

	/**
	 * Whether nobody can tell before the first connection which driver it is of.
	 */
	static boolean isUnknown(DataSource dataSource) {
		return !AopUtils.isAopProxy(dataSource) && !(dataSource instanceof DelegatingDataSource)
				&& !isGuarded(dataSource) && ((dataSource instanceof AbstractRoutingDataSource routing)
						? OpenRouter.isOpen(routing) : PostgresDriverDetector.isUnknown(dataSource));
	}

	private static boolean isGuarded(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(CrdbDataSource.class);
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("A DataSource cannot say whether it wraps a " + CrdbDataSource.class.getSimpleName(), ex);
			return false;
		}
	}

	/**
	 * Guard a DataSource that is the target of a proxy for a scope. That proxy may be of
	 * the target's own class, and calls its methods, so the class has to stay.
	 */
	DataSource guardKeepingType(DataSource dataSource) {
		DataSource guarded = guard(dataSource);
		if (dataSource.getClass().isInstance(guarded) || Modifier.isFinal(dataSource.getClass().getModifiers())) {
			return guarded;
		}
		ProxyFactory factory = new ProxyFactory(dataSource);
		factory.setProxyTargetClass(true);
		factory.addAdvice((MethodInterceptor) (invocation) -> {
			@Nullable Object[] arguments = invocation.getArguments();
			return switch (invocation.getMethod().getName()) {
				case "getConnection" -> (arguments.length == 0) ? guarded.getConnection()
						: guarded.getConnection((String) arguments[0], (String) arguments[1]);
				case "unwrap" -> guarded.unwrap((Class<?>) arguments[0]);
				case "isWrapperFor" -> guarded.isWrapperFor((Class<?>) arguments[0]);
				default -> invocation.proceed();
			};
		});
		return (DataSource) factory.getProxy(dataSource.getClass().getClassLoader());
	}

}
