package io.github.crdbspring.autoconfigure;

import java.util.function.Supplier;

import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * Has Hibernate get guarded connections from its {@link MultiTenantConnectionProvider},
 * whose pools need not be beans. The provider itself stays what it is, so that it can be
 * a bean of any kind. One that Hibernate makes itself, from the name of its class, is not
 * seen here.
 */
final class TenantConnectionPostProcessor implements BeanPostProcessor {

	private final Supplier<TenantConnectionGuard> guard;

	/**
	 * Create a new instance.
	 * @param guard gives what guards the connections, asked only if it is needed
	 */
	TenantConnectionPostProcessor(Supplier<TenantConnectionGuard> guard) {
		this.guard = guard;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof LocalContainerEntityManagerFactoryBean factory) {
			factory.getJpaPropertyMap()
				.computeIfPresent(MultiTenancySettings.MULTI_TENANT_CONNECTION_PROVIDER,
						(name, value) -> (value instanceof MultiTenantConnectionProvider<?> provider)
								? this.guard.get().guard(provider) : value);
		}
		return bean;
	}

}
