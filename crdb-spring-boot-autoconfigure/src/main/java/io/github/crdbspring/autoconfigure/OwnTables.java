package io.github.crdbspring.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Creates tables of the library's own, from scripts beside the class that uses them.
 */
final class OwnTables {

	private OwnTables() {
	}

	/**
	 * Create what runs the script for the server.
	 * @param user the class that the scripts are beside
	 */
	static DataSourceScriptDatabaseInitializer initializer(DataSource dataSource, Class<?> user) {
		ServerInfo serverInfo = new JdbcTemplate(dataSource).execute((ConnectionCallback<ServerInfo>) ServerInfo::of);
		String platform = (serverInfo != null && serverInfo.isCockroach()) ? "cockroachdb" : "postgresql";
		DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
		settings.setSchemaLocations(
				List.of("classpath:" + user.getPackageName().replace('.', '/') + "/schema-" + platform + ".sql"));
		settings.setMode(DatabaseInitializationMode.ALWAYS);
		return new DataSourceScriptDatabaseInitializer(dataSource, settings);
	}

}
