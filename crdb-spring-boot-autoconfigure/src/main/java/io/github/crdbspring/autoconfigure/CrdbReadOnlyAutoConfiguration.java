package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.datasource.CrdbJdbcConnectionDetails;
import io.github.crdbspring.autoconfigure.datasource.ReadOnlyPool;
import io.github.crdbspring.autoconfigure.datasource.ReadOnlyRouting;
import io.github.crdbspring.jdbc.CrdbCredentials;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for a second pool, to which read-only transactions go.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbDataSourceAutoConfiguration.class, before = DataSourceAutoConfiguration.class)
@ConditionalOnClass({ DataSource.class, PGConnection.class, HikariDataSource.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@Conditional(OnReadOnlyPoolCondition.class)
@EnableConfigurationProperties(CrdbReadOnlyProperties.class)
public final class CrdbReadOnlyAutoConfiguration {

	static final String POOL = "crdbReadOnlyDataSource";

	/**
	 * Injected only where it is asked for by name.
	 */
	@Bean(name = POOL, defaultCandidate = false)
	static DataSource crdbReadOnlyDataSource(CrdbReadOnlyProperties properties, CrdbProperties crdbProperties,
			ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails, ObjectProvider<CrdbCredentials> credentials,
			ObjectProvider<SslBundles> sslBundles, Environment environment) {
		ReadOnlyPool pool = new ReadOnlyPoolFactory(properties, crdbProperties, connectionDetails.getIfAvailable(),
				sslBundles)
			.create(credentials.getIfAvailable());
		pool.bind(environment);
		return pool;
	}

	@Bean
	static ReadOnlyRouting crdbReadOnlyRouting(BeanFactory beanFactory) {
		return new ReadOnlyRouting(() -> beanFactory.getBean(POOL, DataSource.class));
	}

}
