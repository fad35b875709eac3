package io.github.crdbspring.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * PostgreSQL from binaries on the class path, serializable by default.
 */
final class EmbeddedPostgresServer {

	private EmbeddedPostgresServer() {
	}

	static TestServer start() throws IOException {
		return start(0);
	}

	/**
	 * Start a server.
	 * @param port its port, or 0 for any
	 */
	static TestServer start(int port) throws IOException {
		Path data = Files.createTempDirectory("postgres-test");
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setCleanDataDirectory(true)
			.setServerConfig("default_transaction_isolation", "serializable");
		EmbeddedPostgres postgres = ((port != 0) ? builder.setPort(port) : builder).start();
		Watchdog.guard(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip()));
		return new TestServer("postgresql://postgres@localhost:" + postgres.getPort() + "/postgres?sslmode=disable",
				"embedded", postgres);
	}

}
