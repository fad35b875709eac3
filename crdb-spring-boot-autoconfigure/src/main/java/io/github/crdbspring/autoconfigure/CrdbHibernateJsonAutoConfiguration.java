package io.github.crdbspring.autoconfigure;

import org.hibernate.cfg.MappingSettings;
import org.hibernate.type.format.jackson.Jackson3JsonFormatMapper;
import org.postgresql.PGConnection;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that has Hibernate read and write JSON with the application's
 * {@link JsonMapper}, unless {@code hibernate.type.json_format_mapper} says otherwise.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
		beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({ JsonMapper.class, Jackson3JsonFormatMapper.class, HibernatePropertiesCustomizer.class,
		PGConnection.class })
@ConditionalOnSingleCandidate(JsonMapper.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbHibernateJsonAutoConfiguration {

	@Bean
	HibernatePropertiesCustomizer crdbHibernateJsonCustomizer(JsonMapper mapper) {
		return (properties) -> properties.putIfAbsent(MappingSettings.JSON_FORMAT_MAPPER,
				new Jackson3JsonFormatMapper(mapper));
	}

}
