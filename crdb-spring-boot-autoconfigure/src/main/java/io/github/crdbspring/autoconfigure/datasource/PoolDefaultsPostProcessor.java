package io.github.crdbspring.autoconfigure.datasource;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Gives every HikariCP pool of the PostgreSQL driver the {@link PoolDefaults}. Comes
 * after properties have been bound to the pool, and after Spring Boot has put the
 * connection details into it.
 */
final class PoolDefaultsPostProcessor implements BeanPostProcessor, PriorityOrdered {

	private final ApplicationContext context;

	PoolDefaultsPostProcessor(ApplicationContext context) {
		this.context = context;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool && PostgresDriverDetector.isUsedBy(pool)) {
			ConfigurationPropertiesBean bound = ConfigurationPropertiesBean.get(this.context, bean, beanName);
			String prefix = (bound != null) ? bound.getAnnotation().prefix() : null;
			new PoolDefaults(this.context.getEnvironment(),
					(pool instanceof ReadOnlyPool) ? ReadOnlyPool.PREFIX : prefix)
				.applyTo(pool, beanName);
		}
		return bean;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 4;
	}

}
