package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The settings that CockroachDB's documentation recommends for tests, page <a href=
 * "https://www.cockroachlabs.com/docs/stable/local-testing">{@code local-testing}</a>.
 */
final class FastSettings {

	private static final Log logger = LogFactory.getLog(FastSettings.class);

	private static final List<String> SETTINGS = List.of("kv.range_merge.queue_interval = '50ms'",
			"jobs.registry.interval.gc = '30s'", "jobs.registry.interval.cancel = '180s'",
			"jobs.retention_time = '15s'", "sql.stats.automatic_collection.enabled = false",
			"kv.range_split.by_load_merge_delay = '5s'", "kv.rangefeed.enabled = true");

	private static final List<String> ZONES = List.of("RANGE default", "DATABASE system");

	private FastSettings() {
	}

	/**
	 * Make the settings that this version of the server has.
	 */
	static void apply(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String setting : SETTINGS) {
				applyIfKnown(statement, setting);
			}
			for (String zone : ZONES) {
				statement.execute("ALTER " + zone + " CONFIGURE ZONE USING \"gc.ttlseconds\" = 600");
			}
		}
	}

	private static void applyIfKnown(Statement statement, String setting) throws SQLException {
		try {
			statement.execute("SET CLUSTER SETTING " + setting);
		}
		catch (SQLException ex) {
			String message = ex.getMessage();
			if (message == null || !message.contains("unknown cluster setting")) {
				throw ex;
			}
			logger.debug("This version of CockroachDB does without " + setting);
		}
	}

}
