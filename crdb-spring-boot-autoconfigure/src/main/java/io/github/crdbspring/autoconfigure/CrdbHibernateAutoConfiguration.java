package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration for JPA with Hibernate.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbDataSourceAutoConfiguration.class,
		beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass(value = { HibernateJpaVendorAdapter.class, PGConnection.class },
		name = { "jakarta.persistence.EntityManager", "org.hibernate.engine.spi.SessionImplementor" })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbHibernateAutoConfiguration {

	@Bean
	static HibernateConnectionPostProcessor crdbHibernateConnectionPostProcessor() {
		return new HibernateConnectionPostProcessor();
	}

	@Bean
	static TenantConnectionPostProcessor crdbTenantConnectionPostProcessor(
			ObjectProvider<CrdbConnectionCustomizer> customizers, ObjectProvider<CrdbProperties> properties) {
		return new TenantConnectionPostProcessor(
				SingletonSupplier.of(() -> new TenantConnectionGuard(customizers.orderedStream().toList(),
						properties.getIfAvailable(CrdbProperties::new).getDialect().isEnabled())));
	}

}
