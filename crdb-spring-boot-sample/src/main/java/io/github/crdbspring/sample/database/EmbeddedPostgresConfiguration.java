package io.github.crdbspring.sample.database;

import java.io.IOException;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/**
 * An embedded database for whoever has none.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(NoDatabaseUrlCondition.class)
class EmbeddedPostgresConfiguration {

	@Bean
	EmbeddedServer embeddedServer() throws IOException {
		return EmbeddedServer.start();
	}

	@Bean
	JdbcConnectionDetails embeddedConnectionDetails(EmbeddedServer server) {
		return new EmbeddedConnectionDetails(server.jdbcUrl());
	}

	/**
	 * Connection details of the embedded database, which has no password.
	 *
	 * @param jdbcUrl the database's URL
	 */
	private record EmbeddedConnectionDetails(String jdbcUrl) implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return EmbeddedServer.USER;
		}

		@Override
		public String getPassword() {
			return "";
		}

		@Override
		public String getJdbcUrl() {
			return this.jdbcUrl;
		}

	}

}
