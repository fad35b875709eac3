package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.type.JacksonJsonbMapper;
import io.github.crdbspring.type.JsonbMapper;
import org.postgresql.PGConnection;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for a {@link JsonbMapper} that uses the application's
 * {@link JsonMapper}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass({ JsonMapper.class, PGConnection.class })
@ConditionalOnSingleCandidate(JsonMapper.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbJsonbAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(JsonbMapper.class)
	JacksonJsonbMapper crdbJsonbMapper(JsonMapper mapper) {
		return new JacksonJsonbMapper(mapper);
	}

}
