package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.schema.SchemaCheck;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link SchemaCheck}, which is off unless
 * {@code crdb.schema-check} is {@code true}.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass({ DataSource.class, PGConnection.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbSchemaCheckAutoConfiguration {

	@Bean
	@ConditionalOnBooleanProperty("crdb.schema-check")
	SchemaCheckListener crdbSchemaCheckListener(ConfigurableListableBeanFactory beanFactory) {
		return new SchemaCheckListener(beanFactory);
	}

}
