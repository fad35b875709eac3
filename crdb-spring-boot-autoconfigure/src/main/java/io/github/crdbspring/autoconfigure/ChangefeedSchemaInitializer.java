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
	 * The server is asked what it is only if a script is to be run on it.
	 */
	private static DatabaseInitializationSettings settings(DataSource dataSource, DatabaseInitializationMode mode) {
		CrdbDataSource guarded = (mode == DatabaseInitializationMode.ALWAYS)
				? DataSourceUnwrapper.unwrap(dataSource, CrdbDataSource.class) : null;
		boolean cockroach = guarded != null && guarded.getServerInfo().isCockroach();
		DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
		settings.setSchemaLocations(List.of(SCRIPT.formatted(cockroach ? "cockroachdb" : "postgresql")));
		settings.setMode(mode);
		return settings;
	}

}
