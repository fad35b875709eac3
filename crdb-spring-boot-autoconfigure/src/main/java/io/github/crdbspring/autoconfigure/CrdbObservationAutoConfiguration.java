package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.metrics.CrdbAttemptObservationConvention;
import io.github.crdbspring.metrics.CrdbTransactionObservationConvention;
import io.github.crdbspring.metrics.ObservationTransactionObserver;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for the observations of transactions.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbTransactionAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ ObservationRegistry.class, CrdbTransactionTemplates.class })
public final class CrdbObservationAutoConfiguration {

	// Outside of the meters, so that those are recorded in the scope of the transaction
	@Bean
	@Order(0)
	@ConditionalOnMissingBean
	ObservationTransactionObserver crdbObservationTransactionObserver(ObservationRegistry registry,
			ObjectProvider<CrdbTransactionObservationConvention> transactionConvention,
			ObjectProvider<CrdbAttemptObservationConvention> attemptConvention) {
		return new ObservationTransactionObserver(registry, transactionConvention.getIfAvailable(),
				attemptConvention.getIfAvailable());
	}

}
