package io.github.crdbspring.sample.fault;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Lets faults be made.
 */
@Configuration(proxyBeanMethods = false)
class FaultConfiguration {

	@Bean
	static FaultProxyPostProcessor faultProxyPostProcessor(Environment environment) {
		return new FaultProxyPostProcessor(environment);
	}

}
