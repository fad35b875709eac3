package io.github.crdbspring.autoconfigure.datasource;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What concerns HikariCP, in whose place there may be another pool. Infrastructure of
 * this library, no API for applications.
 *
 * @since 0.1.0
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(HikariDataSource.class)
public final class HikariConfiguration {

	@Bean
	static HikariPropertiesPostProcessor crdbHikariPropertiesPostProcessor(
			ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails, Environment environment) {
		return new HikariPropertiesPostProcessor(connectionDetails, environment);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "crdb.pool-defaults", matchIfMissing = true)
	static PoolDefaultsPostProcessor crdbPoolDefaultsPostProcessor(ApplicationContext context) {
		return new PoolDefaultsPostProcessor(context);
	}

}
