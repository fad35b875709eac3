package io.github.crdbspring.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration that tells, at start-up, of properties that begin with {@code crdb.}
 * and do not exist, or are deprecated.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbPropertyCheckAutoConfiguration {

	@Bean
	static PropertyNameCheck crdbPropertyNameCheck(ConfigurableEnvironment environment) {
		return new PropertyNameCheck(environment, KnownProperty.read());
	}

}
