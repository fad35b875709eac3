package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.actuate.CrdbHealthIndicator;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link CrdbHealthIndicator}. With several DataSources there is
 * one component for each.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@ConditionalOnEnabledHealthIndicator("crdb")
public final class CrdbHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "crdbHealthIndicator", "crdbHealthContributor" })
	HealthContributor crdbHealthContributor(ConfigurableListableBeanFactory beanFactory, CrdbProperties properties) {
		Duration timeout = properties.getHealth().requireTimeout();
		Map<String, CrdbDataSource> dataSources = CrdbDataSources.find(beanFactory);
		return switch (dataSources.size()) {
			case 0 -> (HealthIndicator) () -> Health.unknown()
				.withDetail("reason", "No DataSource uses the PostgreSQL driver")
				.build();
			case 1 -> new CrdbHealthIndicator(dataSources.values().iterator().next(), timeout);
			default -> CompositeHealthContributor.fromMap(dataSources,
					(dataSource) -> new CrdbHealthIndicator(dataSource, timeout));
		};
	}

}
