package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.data.CrdbJdbcConverters;
import io.github.crdbspring.data.JsonbTypes;
import io.github.crdbspring.type.JsonbMapper;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.jdbc.repository.config.AbstractJdbcConfiguration;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Auto-configuration for Spring Data JDBC's conversions of CockroachDB's types. The
 * conditions are those of Spring Boot's own configuration, which it adds to.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		after = { JdbcTemplateAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
				CrdbJsonbAutoConfiguration.class },
		beforeName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@ConditionalOnClass({ AbstractJdbcConfiguration.class, PGConnection.class })
@ConditionalOnBean({ NamedParameterJdbcOperations.class, PlatformTransactionManager.class })
@ConditionalOnMissingBean({ AbstractJdbcConfiguration.class, JdbcCustomConversions.class })
@ConditionalOnBooleanProperty(name = "spring.data.jdbc.repositories.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbDataJdbcAutoConfiguration {

	/**
	 * There is no dialect where Spring Boot's own configuration is excluded.
	 */
	@Bean
	JdbcCustomConversions jdbcCustomConversions(ObjectProvider<JdbcDialect> dialect, ObjectProvider<JsonbMapper> mapper,
			ObjectProvider<JsonbTypes> jsonbTypes) {
		return JdbcCustomConversions.of(dialect.getIfUnique(() -> JdbcPostgresDialect.INSTANCE),
				CrdbJdbcConverters.create(mapper.getIfUnique(), jsonbTypes.orderedStream().toList()));
	}

}
