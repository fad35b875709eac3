package io.github.crdbspring.autoconfigure;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.hibernate.service.spi.Configurable;
import org.hibernate.service.spi.ServiceRegistryAwareService;
import org.hibernate.service.spi.Startable;
import org.hibernate.service.spi.Stoppable;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.aop.support.AopUtils;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.util.Assert;

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

	private final HandedOver handedOver = new HandedOver();

	/**
	 * Create a new instance.
	 * @param customizers prepare each new connection
	 * @param dialect whether statements are helped
	 */
	TenantConnectionGuard(List<CrdbConnectionCustomizer> customizers, boolean dialect) {
		this.dataSource = new CrdbDataSource(this.handedOver, customizers, dialect);
	}

	Object guard(MultiTenantConnectionProvider<?> provider) {
		Class<?>[] interfaces = INTERFACES.stream()
			.filter((type) -> type.isInstance(provider))
			.toArray(Class<?>[]::new);
		return Proxy.newProxyInstance(provider.getClass().getClassLoader(), interfaces, (proxy, method, args) -> {
			Object result = AopUtils.invokeJoinpointUsingReflection(provider, method,
					(args != null) ? args : new Object[0]);
			return (result instanceof Connection connection) ? guard(connection) : result;
		});
	}

	private Connection guard(Connection connection) throws SQLException {
		try {
			boolean needed = !connection.isWrapperFor(GuardedConnection.class)
					&& connection.isWrapperFor(PGConnection.class);
			return needed ? this.handedOver.to(this.dataSource, connection) : connection;
		}
		catch (SQLException | RuntimeException ex) {
			try (connection) {
				throw ex;
			}
		}
	}

	/**
	 * The pool of the DataSource that guards: has the one connection that a thread is
	 * about to have guarded.
	 */
	private static final class HandedOver extends AbstractDataSource {

		private final ThreadLocal<@Nullable Connection> connection = new ThreadLocal<>();

		Connection to(CrdbDataSource dataSource, Connection unguarded) throws SQLException {
			this.connection.set(unguarded);
			try {
				return dataSource.getConnection();
			}
			finally {
				this.connection.remove();
			}
		}

		@Override
		public Connection getConnection() {
			Connection current = this.connection.get();
			Assert.state(current != null, "There is no connection to be guarded");
			return current;
		}

		@Override
		public Connection getConnection(String username, String password) {
			return getConnection();
		}

	}

}
