package io.github.crdbspring.test;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the database that {@link CrdbTestDatabase} asks for. A service
 * connection wins, and a DataSource of the user's own.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = { CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class },
		afterName = "org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration")
@ConditionalOnBooleanProperty(TestDatabaseAutoConfiguration.PROPERTY)
public final class TestDatabaseAutoConfiguration {

	static final String PROPERTY = "crdb.test.database.enabled";

	@Bean
	@ConditionalOnMissingBean(JdbcConnectionDetails.class)
	TestDatabaseConnectionDetails crdbTestDatabaseConnectionDetails() {
		return new TestDatabaseConnectionDetails(ChosenServer.get().createDatabase());
	}

}
