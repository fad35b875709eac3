package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbSessions;
import org.postgresql.PGConnection;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link CrdbSessions} on the single or primary DataSource.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnClass({ DataSource.class, PGConnection.class })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbSessionsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CrdbSessions crdbSessions(DataSource dataSource) {
		return new CrdbSessions(dataSource);
	}

}
