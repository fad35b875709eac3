package io.github.crdbspring.autoconfigure.datasource;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Makes every {@link DataSource} bean that is seen to use the PostgreSQL driver a
 * {@link CrdbDataSource}, or puts one beneath a bean that delegates or routes to such a
 * pool. Opens no connection, and leaves any other bean as it is.
 * <p>
 * Comes before the post-processor with which Spring Boot makes a DataSource lazy, so that
 * connections are guarded where they are opened. Infrastructure of this library, no API
 * for applications.
 *
 * @since 0.1.0
 */
public final class CrdbDataSourcePostProcessor implements BeanPostProcessor, Ordered {

	private final DataSourceGuard guard;

	private final AtomicBoolean driverSeen = new AtomicBoolean();

	/**
	 * Create a new instance.
	 * @param customizers prepare each new connection
	 * @param dialect whether statements are helped, asked when there is a DataSource
	 * @param pipelineOptions whether options of transactions are sent with their first
	 * statement, asked likewise
	 */
	public CrdbDataSourcePostProcessor(ObjectProvider<CrdbConnectionCustomizer> customizers, BooleanSupplier dialect,
			BooleanSupplier pipelineOptions) {
		this.guard = new DataSourceGuard((pool) -> {
			if (this.driverSeen.compareAndSet(false, true)) {
				DriverVersion.tellIfOld();
			}
			// A pool may have settings of its own for its sessions
			Stream<CrdbConnectionCustomizer> own = (pool instanceof CrdbConnectionCustomizer customizer)
					? Stream.of(customizer) : Stream.empty();
			CrdbDataSource guarded = new CrdbDataSource(pool, Stream.concat(customizers.orderedStream(), own).toList(),
					dialect.getAsBoolean());
			guarded.setPipelineOptions(pipelineOptions.getAsBoolean());
			return guarded;
		});
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!(bean instanceof DataSource dataSource)) {
			return bean;
		}
		return ScopedProxyUtils.isScopedTarget(beanName) ? this.guard.guardKeepingType(dataSource)
				: this.guard.guard(dataSource);
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
