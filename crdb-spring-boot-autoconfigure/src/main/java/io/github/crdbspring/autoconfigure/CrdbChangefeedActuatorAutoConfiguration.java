package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import io.github.crdbspring.actuate.CrdbChangefeedHealthIndicator;
import io.github.crdbspring.actuate.CrdbChangefeedsEndpoint;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration for health and endpoint of changefeed listeners.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbChangefeedAutoConfiguration.class)
@ConditionalOnBean(CrdbChangefeedRegistry.class)
public final class CrdbChangefeedActuatorAutoConfiguration {

	/**
	 * Health.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
	@ConditionalOnEnabledHealthIndicator("crdb-changefeed")
	static class HealthConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = { "crdbChangefeedHealthIndicator", "crdbChangefeedHealthContributor" })
		CrdbChangefeedHealthIndicator crdbChangefeedHealthContributor(CrdbChangefeedRegistry registry,
				CrdbChangefeedProperties properties) {
			// As long as it takes to find out that a feed is dead
			Duration outage = properties.getResolvedInterval().multipliedBy(3).plusSeconds(10);
			return new CrdbChangefeedHealthIndicator(registry, outage);
		}

	}

	/**
	 * The endpoint.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
	@ConditionalOnAvailableEndpoint(CrdbChangefeedsEndpoint.class)
	static class EndpointConfiguration {

		@Bean
		@ConditionalOnMissingBean
		CrdbChangefeedsEndpoint crdbChangefeedsEndpoint(CrdbChangefeedRegistry registry) {
			return new CrdbChangefeedsEndpoint(registry);
		}

	}

}
