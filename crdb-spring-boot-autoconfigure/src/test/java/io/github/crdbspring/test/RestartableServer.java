package io.github.crdbspring.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import org.jspecify.annotations.Nullable;

/**
 * A server of a test's own, which can be stopped and started again at the same address:
 * CockroachDB if there is an executable, else PostgreSQL. What was stored is lost.
 */
public final class RestartableServer implements AutoCloseable {

	private final int port;

	private @Nullable TestServer server;

	/**
	 * Create a server, which is not started yet.
	 * @throws IOException if there is no free port
	 */
	public RestartableServer() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.port = socket.getLocalPort();
		}
	}

	/**
	 * Start the server.
	 * @return the URL of its default database
	 * @throws Exception if it does not start
	 */
	public String start() throws Exception {
		String executable = CockroachProcess.findExecutable();
		TestServer started = (executable != null) ? CockroachProcess.start(executable, this.port)
				: EmbeddedPostgresServer.start(this.port);
		this.server = started;
		return started.url();
	}

	/**
	 * Stop the server.
	 * @throws Exception if that fails
	 */
	public void stop() throws Exception {
		if (this.server != null) {
			this.server.close();
			this.server = null;
		}
	}

	@Override
	public void close() throws Exception {
		stop();
	}

}
