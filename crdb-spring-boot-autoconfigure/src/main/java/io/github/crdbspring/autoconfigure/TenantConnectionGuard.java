package io.github.crdbspring.autoconfigure;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.hibernate.service.spi.Configurable;
import org.hibernate.service.spi.ServiceRegistryAwareService;
import org.hibernate.service.spi.Startable;
import org.hibernate.service.spi.Stoppable;

import org.springframework.aop.support.AopUtils;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Guards the connections of a {@link MultiTenantConnectionProvider} as those of a
 * DataSource bean are. They go back to the provider guarded, which closes them or does
 * with them what it likes. Those that are guarded already, and those of another driver,
 * are left alone.
 */
final class TenantConnectionGuard {

	/**
	 * What Hibernate knows of its services. A provider's own interfaces are nothing to
	 * it.
	 */
	private static final List<Class<?>> INTERFACES = List.of(MultiTenantConnectionProvider.class,
			ServiceRegistryAwareService.class, Configurable.class, Startable.class, Stoppable.class);

	/**
	 * One for all tenants, since it is the connection that is guarded and prepared, and
	 * tenants may share a pool.
	 */
	private final CrdbDataSource dataSource;

	/**
	 * Create a new instance.
	 * @param customizers prepare each new connection
	 * @param dialect whether statements are helped
	 */
	TenantConnectionGuard(List<CrdbConnectionCustomizer> customizers, boolean dialect) {
		this.dataSource = new CrdbDataSource(new NoPool(), customizers, dialect);
	}

	Object guard(MultiTenantConnectionProvider<?> provider) {
		Class<?>[] interfaces = INTERFACES.stream()
			.filter((type) -> type.isInstance(provider))
			.toArray(Class<?>[]::new);
		return Proxy.newProxyInstance(provider.getClass().getClassLoader(), interfaces, (proxy, method, args) -> {
			Object result = AopUtils.invokeJoinpointUsingReflection(provider, method,
					(args != null) ? args : new Object[0]);
			return (result instanceof Connection connection) ? this.dataSource.guardIfNeeded(connection) : result;
		});
	}

	/**
	 * Stands for the pools of the tenants, which only the provider knows.
	 */
	private static final class NoPool extends AbstractDataSource {

		@Override
		public Connection getConnection() throws SQLException {
			throw new SQLFeatureNotSupportedException("Connections come from the provider for tenants");
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

	}

}
