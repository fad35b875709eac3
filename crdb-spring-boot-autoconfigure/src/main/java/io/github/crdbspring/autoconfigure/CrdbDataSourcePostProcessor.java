package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;

/**
 * Makes every {@link DataSource} bean that is seen to use the PostgreSQL driver a
 * {@link CrdbDataSource}. Opens no connection, and leaves any other bean as it is.
 * <p>
 * Comes before the post-processor with which Spring Boot makes a DataSource lazy, so that
 * connections are guarded where they are opened.
 */
final class CrdbDataSourcePostProcessor implements BeanPostProcessor, Ordered {

	private final ObjectProvider<CrdbConnectionCustomizer> customizers;

	CrdbDataSourcePostProcessor(ObjectProvider<CrdbConnectionCustomizer> customizers) {
		this.customizers = customizers;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource && usesPostgresDriver(dataSource)) {
			return new CrdbDataSource(dataSource, this.customizers.orderedStream().toList());
		}
		return bean;
	}

	static boolean usesPostgresDriver(DataSource dataSource) {
		if (dataSource instanceof HikariDataSource hikari) {
			DataSource target = hikari.getDataSource();
			return isPostgresUrl(hikari.getJdbcUrl()) || (target != null && usesPostgresDriver(target))
					|| (hikari.getDataSourceClassName() != null
							&& hikari.getDataSourceClassName().startsWith("org.postgresql."));
		}
		if (dataSource instanceof AbstractDriverBasedDataSource driverBased) {
			return isPostgresUrl(driverBased.getUrl());
		}
		return dataSource instanceof BaseDataSource;
	}

	private static boolean isPostgresUrl(@Nullable String url) {
		return url != null && url.startsWith("jdbc:postgresql:");
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
