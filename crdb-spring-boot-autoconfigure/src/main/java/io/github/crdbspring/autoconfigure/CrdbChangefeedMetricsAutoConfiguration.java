package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.metrics.MeterChangefeedObserver;
import io.github.crdbspring.metrics.ObservationChangefeedObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for meters and observations of changefeed listeners.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbTransactionAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
				"org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration" })
@ConditionalOnClass(JsonMapper.class)
@ConditionalOnBean(CrdbTransactionTemplates.class)
@ConditionalOnBooleanProperty(name = "crdb.changefeed.enabled", matchIfMissing = true)
public final class CrdbChangefeedMetricsAutoConfiguration {

	/**
	 * Meters.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnBean(MeterRegistry.class)
	static class MeterConfiguration {

		@Bean
		@ConditionalOnMissingBean
		MeterChangefeedObserver crdbMeterChangefeedObserver(MeterRegistry registry) {
			return new MeterChangefeedObserver(registry);
		}

	}

	/**
	 * Observations, outside of the meters.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ObservationRegistry.class)
	@ConditionalOnBean(ObservationRegistry.class)
	static class ObservationConfiguration {

		@Bean
		@Order(0)
		@ConditionalOnMissingBean
		ObservationChangefeedObserver crdbObservationChangefeedObserver(ObservationRegistry registry) {
			return new ObservationChangefeedObserver(registry);
		}

	}

}
