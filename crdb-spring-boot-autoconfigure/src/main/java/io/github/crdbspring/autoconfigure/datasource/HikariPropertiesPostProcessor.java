package io.github.crdbspring.autoconfigure.datasource;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Lets {@code spring.datasource.hikari.*} win over {@code crdb.url}. Spring Boot puts
 * connection details into its pool after these properties, as is right for those of a
 * service, but not for what is a property itself; so they are bound once more.
 */
final class HikariPropertiesPostProcessor implements BeanPostProcessor, PriorityOrdered {

	private final ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails;

	private final Environment environment;

	HikariPropertiesPostProcessor(ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails,
			Environment environment) {
		this.connectionDetails = connectionDetails;
		this.environment = environment;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool && "dataSource".equals(beanName)
				&& this.connectionDetails.getIfAvailable() != null) {
			Binder.get(this.environment).bind("spring.datasource.hikari", Bindable.ofInstance(pool));
		}
		return bean;
	}

	@Override
	public int getOrder() {
		// After Spring Boot's post-processor for connection details
		return Ordered.HIGHEST_PRECEDENCE + 3;
	}

}
