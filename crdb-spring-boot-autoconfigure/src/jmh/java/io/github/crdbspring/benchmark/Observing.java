package io.github.crdbspring.benchmark;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Who watches transactions.
 */
final class Observing {

	private Observing() {
	}

	/**
	 * Observations, which nobody handles, as without Actuator.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Unhandled {

		@Bean
		ObservationRegistry observationRegistry() {
			return ObservationRegistry.create();
		}

	}

	/**
	 * Observations, which become meters.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Handled {

		@Bean
		ObservationRegistry observationRegistry() {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig()
				.observationHandler(new DefaultMeterObservationHandler(new SimpleMeterRegistry()));
			return registry;
		}

	}

	/**
	 * Meters.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Metered {

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

}
