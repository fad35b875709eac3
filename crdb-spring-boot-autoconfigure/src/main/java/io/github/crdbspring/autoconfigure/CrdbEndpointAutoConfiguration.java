package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.actuate.CrdbEndpoint;
import io.github.crdbspring.transaction.statistics.TransactionStatistics;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link CrdbEndpoint}. Transactions are counted only if the
 * endpoint is exposed.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@ConditionalOnAvailableEndpoint(CrdbEndpoint.class)
public final class CrdbEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CrdbEndpoint crdbEndpoint(ConfigurableListableBeanFactory beanFactory, TransactionStatistics statistics,
			CrdbProperties properties) {
		return new CrdbEndpoint(CrdbDataSources.find(beanFactory), statistics, properties.getHealth().requireTimeout());
	}

	@Bean
	@ConditionalOnMissingBean
	TransactionStatistics crdbTransactionStatistics() {
		return new TransactionStatistics();
	}

}
