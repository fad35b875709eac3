package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.postgresql.PGConnection;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Auto-configuration for the CRDB-aware {@link DataSource}: {@code crdb.url} feeds Spring
 * Boot's own configuration, and every pool that speaks PostgreSQL's protocol hands out
 * guarded connections.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@ConditionalOnClass({ DataSource.class, PGConnection.class, HikariDataSource.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbProperties.class)
public final class CrdbDataSourceAutoConfiguration {

	@Bean
	static CrdbDataSourcePostProcessor crdbDataSourcePostProcessor() {
		return new CrdbDataSourcePostProcessor();
	}

	@Bean
	@Conditional(OnCrdbUrlCondition.class)
	@ConditionalOnMissingBean({ JdbcConnectionDetails.class, DataSource.class })
	CrdbJdbcConnectionDetails crdbJdbcConnectionDetails(CrdbProperties properties) {
		return new CrdbJdbcConnectionDetails(properties);
	}

}
