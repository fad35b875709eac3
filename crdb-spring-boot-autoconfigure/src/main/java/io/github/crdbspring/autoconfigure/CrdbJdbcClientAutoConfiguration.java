package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.type.CrdbConversionService;
import io.github.crdbspring.type.CrdbJdbcClient;
import io.github.crdbspring.type.JsonbMapper;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Auto-configuration for a {@link JdbcClient} that maps CockroachDB's types, in the place
 * of Spring Boot's.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { JdbcTemplateAutoConfiguration.class, CrdbJsonbAutoConfiguration.class },
		before = JdbcClientAutoConfiguration.class)
@ConditionalOnClass({ JdbcClient.class, PGConnection.class })
@ConditionalOnSingleCandidate(NamedParameterJdbcTemplate.class)
@ConditionalOnMissingBean(JdbcClient.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@Import(DatabaseInitializationDependencyConfigurer.class)
public final class CrdbJdbcClientAutoConfiguration {

	@Bean
	JdbcClient jdbcClient(NamedParameterJdbcTemplate jdbcTemplate, ObjectProvider<JsonbMapper> mapper) {
		return new CrdbJdbcClient(jdbcTemplate, new CrdbConversionService(mapper.getIfUnique()));
	}

}
