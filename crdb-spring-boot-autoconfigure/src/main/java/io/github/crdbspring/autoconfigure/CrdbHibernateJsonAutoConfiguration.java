package io.github.crdbspring.autoconfigure;

import org.hibernate.cfg.MappingSettings;
import org.postgresql.PGConnection;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration that has Hibernate read and write JSON with the application's
 * {@link JsonMapper}, unless {@code hibernate.type.json_format_mapper} says otherwise.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
		beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass(value = { JsonMapper.class, HibernatePropertiesCustomizer.class, PGConnection.class },
		name = CrdbHibernateJsonAutoConfiguration.FORMAT_MAPPER)
@ConditionalOnSingleCandidate(JsonMapper.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbHibernateJsonAutoConfiguration {

	/**
	 * By name, since Hibernate 7.2, of Spring Boot 4.0, does not have it.
	 */
	static final String FORMAT_MAPPER = "org.hibernate.type.format.jackson.Jackson3JsonFormatMapper";

	@Bean
	HibernatePropertiesCustomizer crdbHibernateJsonCustomizer(JsonMapper mapper) {
		return (properties) -> properties.computeIfAbsent(MappingSettings.JSON_FORMAT_MAPPER, (name) -> create(mapper));
	}

	private static Object create(JsonMapper mapper) {
		Class<?> type = ClassUtils.resolveClassName(FORMAT_MAPPER,
				CrdbHibernateJsonAutoConfiguration.class.getClassLoader());
		try {
			return BeanUtils.instantiateClass(type.getConstructor(JsonMapper.class), mapper);
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(FORMAT_MAPPER + " cannot be made with the application's JsonMapper", ex);
		}
	}

}
