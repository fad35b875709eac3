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
		Path data = Files.createTempDirectory("postgres-test");
		EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setCleanDataDirectory(true)
			.setServerConfig("default_transaction_isolation", "serializable")
			.start();
		Watchdog.guard(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip()));
		return new TestServer("postgresql://postgres@localhost:" + postgres.getPort() + "/postgres?sslmode=disable",
				"embedded", postgres);
	}

}
