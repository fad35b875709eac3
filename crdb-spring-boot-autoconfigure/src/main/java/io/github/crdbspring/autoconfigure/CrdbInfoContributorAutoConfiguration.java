package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.actuate.CrdbInfoContributor;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link CrdbInfoContributor}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
@ConditionalOnClass({ InfoContributor.class, ConditionalOnEnabledInfoContributor.class })
@ConditionalOnBean(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@ConditionalOnEnabledInfoContributor("crdb")
public final class CrdbInfoContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CrdbInfoContributor crdbInfoContributor(ConfigurableListableBeanFactory beanFactory, CrdbProperties properties) {
		return new CrdbInfoContributor(CrdbDataSources.find(beanFactory), properties.getHealth().requireTimeout());
	}

}
