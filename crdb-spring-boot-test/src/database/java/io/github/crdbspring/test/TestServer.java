package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.url.CrdbUrl;

/**
 * The server that the tests of this JVM use.
 *
 * @param url the URL of its default database
 * @param origin where the server comes from
 * @param stop stops it, if it is ours
 */
record TestServer(String url, String origin, AutoCloseable stop) implements AutoCloseable {

	/**
	 * Choose the server: a given URL, else a {@code cockroach} executable, else Docker,
	 * else embedded PostgreSQL.
	 */
	static TestServer choose() throws Exception {
		String url = System.getProperty("crdb.test.url", System.getenv("CRDB_TEST_URL"));
		if (url != null && !url.isBlank()) {
			return new TestServer(url, "given URL", () -> {
			});
		}
		String executable = CockroachProcess.findExecutable();
		if (executable != null) {
			return CockroachProcess.start(executable);
		}
		return DockerServer.isAvailable() ? DockerServer.startCockroach() : EmbeddedPostgresServer.start();
	}

	ServerInfo serverInfo() throws SQLException {
		try (Connection connection = connect()) {
			return ServerInfo.of(connection);
		}
	}

	void execute(String sql) throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Return the URL of another database of this server.
	 */
	String url(String database) {
		return this.url.replaceFirst("^([^/]*//[^/?]*)(/[^?]*)?", "$1/" + database);
	}

	private Connection connect() throws SQLException {
		CrdbUrl parsed = CrdbUrl.parse(this.url);
		return DriverManager.getConnection(parsed.jdbcUrl(), parsed.username(), parsed.password());
	}

	@Override
	public void close() throws Exception {
		this.stop.close();
	}

}
