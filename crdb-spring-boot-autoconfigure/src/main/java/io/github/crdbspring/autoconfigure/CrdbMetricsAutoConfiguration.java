package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.metrics.MeterTransactionObserver;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the meters of transactions.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbTransactionAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, CrdbTransactionTemplates.class })
public final class CrdbMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	MeterTransactionObserver crdbMeterTransactionObserver(MeterRegistry registry) {
		return new MeterTransactionObserver(registry);
	}

}
