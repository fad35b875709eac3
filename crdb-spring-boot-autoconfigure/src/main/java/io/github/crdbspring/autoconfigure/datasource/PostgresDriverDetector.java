package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.regex.Pattern;

import javax.sql.CommonDataSource;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.core.log.LogMessage;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Tells from its configuration whether a pool opens connections of the PostgreSQL driver.
 * Asks the getters that pools have in common, and never opens a connection.
 */
final class PostgresDriverDetector {

	private static final Log logger = LogFactory.getLog(PostgresDriverDetector.class);

	private static final boolean HIKARI_PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			PostgresDriverDetector.class.getClassLoader());

	/**
	 * A driver that wraps another one has a name of its own before the other's, and
	 * Testcontainers' driver has the name of the image.
	 */
	private static final Pattern URL = Pattern
		.compile("jdbc:(?:[\\w-]+:)?postgresql:.*|jdbc:tc:(?:cockroach|postgis|timescaledb|pgvector)[:/].*");

	private static final String DRIVER_PACKAGE = "org.postgresql.";

	private static final List<String> URL_GETTERS = List.of("getJdbcUrl", "getUrl", "getURL");

	private PostgresDriverDetector() {
	}

	static boolean isUsedBy(CommonDataSource dataSource) {
		if (dataSource instanceof BaseDataSource) {
			return true;
		}
		if (HIKARI_PRESENT && dataSource instanceof DataSource pool) {
			HikariDataSource hikari = HikariPools.find(pool);
			if (hikari != null) {
				return HikariPools.usesPostgresDriver(hikari);
			}
		}
		return hasPostgresUrl(dataSource) || wrapsPostgresDataSource(dataSource);
	}

	private static boolean hasPostgresUrl(CommonDataSource dataSource) {
		return URL_GETTERS.stream()
			.anyMatch((getter) -> get(dataSource, getter) instanceof String url && isPostgresUrl(url));
	}

	private static boolean isPostgresUrl(@Nullable String url) {
		return url != null && URL.matcher(url).matches();
	}

	private static boolean wrapsPostgresDataSource(CommonDataSource dataSource) {
		return get(dataSource, "getDataSource") instanceof CommonDataSource wrapped && wrapped != dataSource
				&& isUsedBy(wrapped);
	}

	private static @Nullable Object get(Object target, String getter) {
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

	/**
	 * What is known of HikariCP, which need not be there.
	 */
	private static final class HikariPools {

		static @Nullable HikariDataSource find(DataSource dataSource) {
			return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
		}

		static boolean usesPostgresDriver(HikariDataSource pool) {
			String className = pool.getDataSourceClassName();
			DataSource wrapped = pool.getDataSource();
			return isPostgresUrl(pool.getJdbcUrl()) || (className != null && className.startsWith(DRIVER_PACKAGE))
					|| (wrapped != null && isUsedBy(wrapped));
		}

	}

}
