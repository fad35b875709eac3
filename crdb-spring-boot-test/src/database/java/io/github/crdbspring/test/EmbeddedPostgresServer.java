package io.github.crdbspring.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * PostgreSQL from binaries on the class path.
 */
final class EmbeddedPostgresServer {

	private EmbeddedPostgresServer() {
	}

	static TestServer start() throws IOException {
		return start(0);
	}

	/**
	 * Start a server that trusts everybody, serializable by default.
	 * @param port its port, or 0 for any
	 */
	static TestServer start(int port) throws IOException {
		// Statistics that come in the middle of a test can change a plan, and so what is
		// in conflict with what: a scan of the whole table is so with each change of it
		EmbeddedPostgres postgres = start(port,
				Map.of("default_transaction_isolation", "serializable", "autovacuum", "off"), (data) -> {
				});
		return new TestServer("postgresql://postgres@localhost:" + postgres.getPort() + "/postgres?sslmode=disable",
				"embedded", postgres);
	}

	static EmbeddedPostgres start(int port, Map<String, String> serverConfig, DataDirectoryCustomizer customizer)
			throws IOException {
		Path data = Files.createTempDirectory("postgres-test");
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setCleanDataDirectory(true)
			.setDataDirectoryCustomizer((directory) -> customizer.customizeUnchecked(directory.toPath()));
		serverConfig.forEach(builder::setServerConfig);
		EmbeddedPostgres postgres = ((port != 0) ? builder.setPort(port) : builder).start();
		Watchdog.guard(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip()));
		return postgres;
	}

	/**
	 * Puts files into the server's data directory before it starts.
	 */
	interface DataDirectoryCustomizer {

		void customize(Path data) throws IOException;

		default void customizeUnchecked(Path data) {
			try {
				customize(data);
			}
			catch (IOException ex) {
				throw new IllegalStateException("The data directory could not be prepared: " + data, ex);
			}
		}

	}

}
