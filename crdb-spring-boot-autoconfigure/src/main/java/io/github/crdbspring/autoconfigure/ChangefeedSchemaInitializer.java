package io.github.crdbspring.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;

/**
 * Creates the tables of changefeed listeners, with the script for the server that there
 * is.
 */
final class ChangefeedSchemaInitializer extends DataSourceScriptDatabaseInitializer {

	private static final String SCRIPT = "classpath:io/github/crdbspring/changefeed/schema-%s.sql";

	ChangefeedSchemaInitializer(DataSource dataSource, DatabaseInitializationMode mode) {
		super(dataSource, settings(dataSource, mode));
	}

	/**
	 * No database that Spring Boot takes for embedded is one of ours, so that nothing is
	 * asked of a server on which no script is to be run.
	 */
	private static DatabaseInitializationSettings settings(DataSource dataSource, DatabaseInitializationMode mode) {
		CrdbDataSource guarded = (mode == DatabaseInitializationMode.ALWAYS)
				? DataSourceUnwrapper.unwrap(dataSource, CrdbDataSource.class) : null;
		DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
		settings.setMode((guarded != null) ? DatabaseInitializationMode.ALWAYS : DatabaseInitializationMode.NEVER);
		if (guarded != null) {
			String server = guarded.getServerInfo().isCockroach() ? "cockroachdb" : "postgresql";
			settings.setSchemaLocations(List.of(SCRIPT.formatted(server)));
		}
		return settings;
	}

}
