package io.github.crdbspring.autoconfigure.datasource;

import java.util.List;
import java.util.regex.Pattern;

import javax.sql.CommonDataSource;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.util.ClassUtils;

/**
 * Tells from its configuration whether a pool opens connections of the PostgreSQL driver.
 * Asks the getters that pools have in common, looks at what decorators decorate, and
 * never opens a connection.
 */
final class PostgresDriverDetector {

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
		CommonDataSource decorated = hasPostgresUrl(dataSource) ? null : DataSourceTargets.decorated(dataSource);
		return hasPostgresUrl(dataSource) || (decorated != null && isUsedBy(decorated));
	}

	private static boolean hasPostgresUrl(CommonDataSource dataSource) {
		return URL_GETTERS.stream()
			.anyMatch(
					(getter) -> DataSourceTargets.get(dataSource, getter) instanceof String url && isPostgresUrl(url));
	}

	private static boolean isPostgresUrl(@Nullable String url) {
		return url != null && URL.matcher(url).matches();
	}

	/**
	 * A DataSource whose driver cannot be told: it has no URL, and decorates nothing.
	 */
	static boolean isUnknown(DataSource dataSource) {
		return URL_GETTERS.stream().noneMatch((getter) -> DataSourceTargets.get(dataSource, getter) != null)
				&& !(HIKARI_PRESENT && HikariPools.find(dataSource) != null)
				&& DataSourceTargets.decorated(dataSource) == null;
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
