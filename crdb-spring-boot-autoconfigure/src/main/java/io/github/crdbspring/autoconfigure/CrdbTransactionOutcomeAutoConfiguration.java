package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.transaction.OutcomePolicy;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for finding out what became of transactions whose outcome is
 * unknown.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { DataSourceAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class })
@ConditionalOnClass({ DataSource.class, PGConnection.class })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbTransactionProperties.class)
public final class CrdbTransactionOutcomeAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TransactionOutcomes crdbTransactionOutcomes(DataSource dataSource, CrdbTransactionProperties properties) {
		return new TransactionOutcomes(dataSource, new TransactionPropertiesMapper(properties).outcome());
	}

	@Bean
	@ConditionalOnProperty(name = "crdb.transaction.outcome.initialize-schema", havingValue = "always")
	DataSourceScriptDatabaseInitializer crdbOutcomeSchemaInitializer(DataSource dataSource) {
		return OwnTables.initializer(dataSource, TransactionOutcomes.class);
	}

	/**
	 * Finds out at the start that the table is missing, and not at the first commit.
	 */
	@Bean
	SmartInitializingSingleton crdbOutcomeTableCheck(TransactionOutcomes outcomes,
			CrdbTransactionProperties properties) {
		return () -> {
			if (properties.getOutcome().getPolicy() == OutcomePolicy.RESOLVE) {
				outcomes.requireTable();
			}
		};
	}

}
