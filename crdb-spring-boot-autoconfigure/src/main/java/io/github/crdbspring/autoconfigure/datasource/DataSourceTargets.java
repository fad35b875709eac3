package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.CommonDataSource;
import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.log.LogMessage;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ReflectionUtils;

/**
 * What a DataSource takes its connections from, as far as that can be seen without
 * opening one. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class DataSourceTargets {

	private static final Log logger = LogFactory.getLog(DataSourceTargets.class);

	/**
	 * How the target of a decorator is called that has no more than a getter for it.
	 */
	private static final List<String> GETTERS = List.of("getDataSource", "getTargetDataSource", "getDelegate");

	/**
	 * Spring tells this one only to the proxy itself.
	 */
	private static final @Nullable Field READ_ONLY = ReflectionUtils.findField(LazyConnectionDataSourceProxy.class,
			"readOnlyDataSource", DataSource.class);

	private DataSourceTargets() {
	}

	/**
	 * Find the guarded DataSources behind a DataSource: itself, the one that it
	 * decorates, or all of those that it routes to.
	 * @param dataSource the DataSource
	 * @return the guarded DataSources by what tells them apart; an empty text stands for
	 * the only one, or the one that is used by default
	 */
	public static Map<String, CrdbDataSource> findGuarded(DataSource dataSource) {
		Map<String, CrdbDataSource> found = new LinkedHashMap<>();
		collect("", dataSource, found, Collections.newSetFromMap(new IdentityHashMap<>()));
		return found;
	}

	private static void collect(String name, DataSource dataSource, Map<String, CrdbDataSource> found,
			Set<Object> seen) {
		if (!seen.add(dataSource)) {
			return;
		}
		if (dataSource instanceof CrdbDataSource guarded) {
			found.putIfAbsent(name, guarded);
			return;
		}
		Map<String, DataSource> targets = of(dataSource);
		targets.forEach((label, target) -> collect(join(name, label), target, found, seen));
		CrdbDataSource guarded = targets.isEmpty() ? unwrap(dataSource) : null;
		if (guarded != null && seen.add(guarded)) {
			found.putIfAbsent(name, guarded);
		}
	}

	private static String join(String name, String label) {
		return (name.isEmpty() || label.isEmpty()) ? name + label : name + "." + label;
	}

	private static @Nullable CrdbDataSource unwrap(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(CrdbDataSource.class) ? dataSource.unwrap(CrdbDataSource.class) : null;
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("A DataSource cannot say what it wraps", ex);
			return null;
		}
	}

	/**
	 * Return the DataSources that one delegates or routes to.
	 */
	private static Map<String, DataSource> of(DataSource dataSource) {
		Map<String, DataSource> targets = new LinkedHashMap<>();
		if (AopUtils.isAopProxy(dataSource)) {
			put(targets, "", AopProxyUtils.getSingletonTarget(dataSource));
		}
		else if (dataSource instanceof DelegatingDataSource delegating) {
			put(targets, "", delegating.getTargetDataSource());
			if (delegating instanceof LazyConnectionDataSourceProxy lazy) {
				put(targets, "readOnly", readOnlyTarget(lazy));
			}
		}
		else if (dataSource instanceof AbstractRoutingDataSource routing) {
			put(targets, "", routing.getResolvedDefaultDataSource());
			resolvedTargets(routing).forEach((key, target) -> put(targets, key.toString().replace('/', '_'), target));
		}
		else if (decorated(dataSource) instanceof DataSource target) {
			put(targets, "", target);
		}
		return targets;
	}

	private static void put(Map<String, DataSource> targets, String label, @Nullable Object target) {
		if (target instanceof DataSource dataSource) {
			targets.putIfAbsent(label, dataSource);
		}
	}

	static @Nullable DataSource readOnlyTarget(LazyConnectionDataSourceProxy proxy) {
		if (READ_ONLY == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(READ_ONLY);
		return (DataSource) ReflectionUtils.getField(READ_ONLY, proxy);
	}

	static Map<Object, DataSource> resolvedTargets(AbstractRoutingDataSource routing) {
		try {
			return routing.getResolvedDataSources();
		}
		catch (IllegalStateException ex) {
			logger.debug("A routing DataSource finds its targets in a way of its own", ex);
			return Map.of();
		}
	}

	/**
	 * Return what a class decorates that is none of Spring's, asking its getters, and
	 * where it has none, looking at its fields.
	 */
	static @Nullable CommonDataSource decorated(CommonDataSource decorator) {
		for (String getter : GETTERS) {
			if (get(decorator, getter) instanceof CommonDataSource target && target != decorator) {
				return target;
			}
		}
		for (Class<?> type = decorator.getClass(); type != null
				&& CommonDataSource.class.isAssignableFrom(type); type = type.getSuperclass()) {
			for (Field field : type.getDeclaredFields()) {
				if (CommonDataSource.class.isAssignableFrom(field.getType()) && !Modifier.isStatic(field.getModifiers())
						&& field.trySetAccessible()
						&& ReflectionUtils.getField(field, decorator) instanceof CommonDataSource target
						&& target != decorator) {
					return target;
				}
			}
		}
		return null;
	}

	static @Nullable Object get(Object target, String getter) {
		Method method = ReflectionUtils.findMethod(target.getClass(), getter);
		if (method == null || !Modifier.isPublic(method.getModifiers())
				|| !Modifier.isPublic(method.getDeclaringClass().getModifiers())) {
			return null;
		}
		try {
			return method.invoke(target);
		}
		catch (IllegalAccessException | InvocationTargetException ex) {
			logger.debug(LogMessage.format("%s cannot be asked for the driver it uses", target.getClass()), ex);
			return null;
		}
	}

}
