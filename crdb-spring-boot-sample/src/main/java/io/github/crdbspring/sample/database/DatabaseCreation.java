package io.github.crdbspring.sample.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;

import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.stereotype.Component;

/**
 * Creates the database before its tables. CockroachDB lets one connect to a database that
 * does not exist, and only then create it. That has to be done on a connection beside the
 * pool, which examines its first connection, and fails without a database.
 */
@Component
class DatabaseCreation implements FlywayMigrationStrategy {

	private static final Log logger = LogFactory.getLog(DatabaseCreation.class);

	private final DataSource direct;

	DatabaseCreation(JdbcConnectionDetails details) {
		DriverManagerDataSource direct = new DriverManagerDataSource(details.getJdbcUrl());
		direct.setUsername(details.getUsername());
		direct.setPassword(details.getPassword());
		this.direct = direct;
	}

	@Override
	public void migrate(Flyway flyway) {
		try (Connection connection = this.direct.getConnection()) {
			if (ServerInfo.of(connection).isCockroach()) {
				createIfMissing(connection, connection.getCatalog());
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Failed to see to it that the database exists: " + ex.getMessage(), ex);
		}
		flyway.migrate();
	}

	/**
	 * Looks before it creates, which not every user may do.
	 */
	private static void createIfMissing(Connection connection, String name) throws SQLException {
		if (!exists(connection, name)) {
			try (Statement statement = connection.createStatement()) {
				statement.execute("CREATE DATABASE IF NOT EXISTS " + quote(name));
			}
			logger.info("Created the database " + name);
		}
	}

	private static boolean exists(Connection connection, String name) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("SELECT database_name FROM [SHOW DATABASES] WHERE database_name = ?")) {
			statement.setString(1, name);
			try (ResultSet databases = statement.executeQuery()) {
				return databases.next();
			}
		}
	}

	private static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

}
