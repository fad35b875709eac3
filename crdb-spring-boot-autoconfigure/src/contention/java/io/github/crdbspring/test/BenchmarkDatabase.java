package io.github.crdbspring.test;

import org.jspecify.annotations.Nullable;

/**
 * A database for a benchmark, on a server that is chosen as for tests, and stopped with
 * it.
 */
public final class BenchmarkDatabase implements AutoCloseable {

	private final TestServer server;

	private final TestDatabase database;

	private BenchmarkDatabase(TestServer server, TestDatabase database) {
		this.server = server;
		this.database = database;
	}

	/**
	 * Choose a server and create a database on it.
	 * @param url the URL of the server, {@code null} to choose as tests do
	 * @return an empty database
	 * @throws Exception if there is no such server, or no database could be created
	 */
	public static BenchmarkDatabase open(@Nullable String url) throws Exception {
		TestServer server = (url != null) ? new TestServer(url, "given URL", () -> {
		}) : TestServer.choose();
		try {
			return new BenchmarkDatabase(server, new TestDatabase(server, server.serverInfo(),
					"benchmark_" + ProcessHandle.current().pid() + "_" + System.currentTimeMillis()));
		}
		catch (Exception ex) {
			server.close();
			throw ex;
		}
	}

	/**
	 * Return the database.
	 * @return the database
	 */
	public TestDatabase database() {
		return this.database;
	}

	@Override
	public void close() throws Exception {
		try (this.server) {
			this.database.close();
		}
	}

}
