package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.transaction.CrdbReads;
import io.github.crdbspring.type.CrdbConversionService;
import io.github.crdbspring.type.CrdbJdbcClient;
import io.github.crdbspring.type.JsonbMapper;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Auto-configuration for {@link CrdbReads}, for the single or primary DataSource.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { DataSourceAutoConfiguration.class, CrdbJsonbAutoConfiguration.class })
@ConditionalOnClass({ DataSource.class, JdbcClient.class, PGConnection.class })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbReadsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CrdbReads crdbReads(DataSource dataSource, ObjectProvider<JsonbMapper> mapper) {
		return new CrdbReads(dataSource, (source) -> new CrdbJdbcClient(new NamedParameterJdbcTemplate(source),
				new CrdbConversionService(mapper.getIfUnique())));
	}

}
