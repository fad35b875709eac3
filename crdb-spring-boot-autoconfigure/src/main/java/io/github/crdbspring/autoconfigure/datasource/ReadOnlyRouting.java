package io.github.crdbspring.autoconfigure.datasource;

import java.sql.SQLException;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

/**
 * Has read-only transactions of the bean {@code dataSource} take their connection from
 * another pool, with Spring's own means for that: a {@link LazyConnectionDataSourceProxy}
 * takes a connection when the first statement comes, and by then it is known whether the
 * transaction only reads. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class ReadOnlyRouting implements BeanPostProcessor, BeanFactoryAware, Ordered {

	private static final Log logger = LogFactory.getLog(ReadOnlyRouting.class);

	private static final String ROUTED = "dataSource";

	private final Supplier<DataSource> readOnlyPool;

	/**
	 * Create a new instance.
	 * @param readOnlyPool has the pool for read-only transactions
	 */
	public ReadOnlyRouting(Supplier<DataSource> readOnlyPool) {
		this.readOnlyPool = readOnlyPool;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		if (!beanFactory.containsBean(ROUTED)) {
			throw refuse("there is no bean of that name");
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!ROUTED.equals(beanName) || !(bean instanceof DataSource dataSource)) {
			return bean;
		}
		if (DataSourceTargets.findGuarded(dataSource).isEmpty()) {
			throw refuse("it does not use the PostgreSQL driver");
		}
		LazyConnectionDataSourceProxy routing = (dataSource instanceof LazyConnectionDataSourceProxy lazy) ? lazy
				: route(dataSource);
		if (DataSourceTargets.readOnlyTarget(routing) != null) {
			throw refuse("it has a DataSource of its own for them");
		}
		routing.setReadOnlyDataSource(this.readOnlyPool.get());
		return routing;
	}

	private static LazyConnectionDataSourceProxy route(DataSource dataSource) {
		LazyConnectionDataSourceProxy routing = new Routing();
		routing.setTargetDataSource(dataSource);
		try {
			if (dataSource.isWrapperFor(HikariDataSource.class)) {
				routing.setDefaultAutoCommit(dataSource.unwrap(HikariDataSource.class).isAutoCommit());
			}
		}
		catch (SQLException ex) {
			logger.debug("The pool cannot say whether its connections commit each statement", ex);
		}
		return routing;
	}

	private static InvalidConfigurationPropertyValueException refuse(String reason) {
		return new InvalidConfigurationPropertyValueException("crdb.read-only.enabled", true,
				"Read-only transactions of the bean 'dataSource' cannot go to another pool, since " + reason
						+ ". Let a LazyConnectionDataSourceProxy of your own do it, with setReadOnlyDataSource, and "
						+ "remove the properties of crdb.read-only.");
	}

	@Override
	public int getOrder() {
		// After the one with which Spring Boot makes a DataSource lazy
		return 10;
	}

	/**
	 * Does not ask the first pool what its connections are like, which would open one,
	 * and have each read wait for one where the database of that pool is down.
	 */
	private static final class Routing extends LazyConnectionDataSourceProxy {

		@Override
		public void checkDefaultConnectionProperties() {
		}

	}

}
