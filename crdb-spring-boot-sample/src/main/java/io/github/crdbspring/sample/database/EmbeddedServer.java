package io.github.crdbspring.sample.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A PostgreSQL of this application's own, serializable like CockroachDB. It lives in a
 * temporary directory and ends with the application, even if that is killed.
 */
final class EmbeddedServer implements AutoCloseable {

	static final String USER = "postgres";

	private static final Log logger = LogFactory.getLog(EmbeddedServer.class);

	private final EmbeddedPostgres postgres;

	private final Watchdog watchdog;

	private EmbeddedServer(EmbeddedPostgres postgres, Watchdog watchdog) {
		this.postgres = postgres;
		this.watchdog = watchdog;
	}

	static EmbeddedServer start() throws IOException {
		Path data = Files.createTempDirectory("bank-postgres");
		Watchdog watchdog = Watchdog.start(data);
		// No shutdown hook: it would stop the database while requests are being finished
		EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setCleanDataDirectory(true)
			.setRegisterShutdownHook(false)
			.setServerConfig("default_transaction_isolation", "serializable")
			.start();
		logger.info("No database is configured, so this runs on embedded PostgreSQL, port " + postgres.getPort()
				+ ", and forgets everything when it stops. For CockroachDB set crdb.url or CRDB_URL, such as "
				+ "--crdb.url=postgresql://root@localhost:26257/bank?sslmode=disable");
		return new EmbeddedServer(postgres, watchdog);
	}

	String jdbcUrl() {
		return "jdbc:postgresql://localhost:" + this.postgres.getPort() + "/postgres?sslmode=disable";
	}

	@Override
	public void close() throws IOException {
		this.postgres.close();
		this.watchdog.close();
	}

}
