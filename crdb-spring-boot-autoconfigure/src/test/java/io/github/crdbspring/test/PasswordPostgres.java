package io.github.crdbspring.test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A PostgreSQL that asks for a password and does not speak TLS.
 */
public final class PasswordPostgres implements AutoCloseable {

	/**
	 * A user with a password.
	 */
	public static final String USER = "teller";

	/**
	 * The password of {@link #USER}.
	 */
	public static final String PASSWORD = "correct-horse-battery";

	/**
	 * Database of {@link #USER}.
	 */
	public static final String DATABASE = "bank";

	private static final List<String> ACCESS = List.of("host postgres postgres samehost trust",
			"host all all samehost scram-sha-256");

	private final EmbeddedPostgres postgres;

	PasswordPostgres() throws IOException {
		this.postgres = EmbeddedPostgresServer.start(0, Map.of(),
				(data) -> Files.write(data.resolve("pg_hba.conf"), ACCESS));
		prepare(this.postgres, DATABASE);
	}

	static void prepare(EmbeddedPostgres postgres, String... databases) {
		JdbcClient admin = JdbcClient.create(postgres.getPostgresDatabase());
		admin.sql("CREATE USER " + USER + " PASSWORD '" + PASSWORD + "'").update();
		Stream.of(databases).forEach((database) -> admin.sql("CREATE DATABASE " + database).update());
	}

	/**
	 * Return the port.
	 * @return a port of {@code localhost}
	 */
	public int port() {
		return this.postgres.getPort();
	}

	/**
	 * Return a URL without credentials.
	 * @param database the database
	 * @param parameters what follows the question mark
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url(String database, String parameters) {
		return "postgresql://localhost:" + port() + "/" + database + "?" + parameters;
	}

	@Override
	public void close() throws IOException {
		this.postgres.close();
	}

}
