package io.github.crdbspring.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A node of a test's own that keeps its files and its address when it is killed and
 * started again. Needs a {@code cockroach} executable.
 */
public final class PersistentCockroach implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

	private final String executable;

	private final Path folder;

	private final int port;

	private @Nullable Process process;

	/**
	 * Create a node, which is not started yet.
	 * @throws IOException if there is no free port, or no space for its files
	 */
	public PersistentCockroach() throws IOException {
		String found = CockroachProcess.findExecutable();
		if (found == null) {
			throw new IllegalStateException("There is no cockroach executable");
		}
		this.executable = found;
		this.folder = Files.createTempDirectory("cockroach-node");
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.port = socket.getLocalPort();
		}
	}

	/**
	 * Whether there is an executable.
	 * @return {@code true} if a node can be started
	 */
	public static boolean isAvailable() {
		return CockroachProcess.findExecutable() != null;
	}

	/**
	 * Start the node, and wait until it answers.
	 * @throws IOException if it cannot be started
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	public void start() throws IOException, InterruptedException {
		List<String> command = List.of(this.executable, "start-single-node", "--insecure",
				"--store=" + this.folder.resolve("store"), "--listen-addr=127.0.0.1:" + this.port,
				"--http-addr=127.0.0.1:0", "--cache=128MiB", "--max-sql-memory=128MiB");
		Process started = new ProcessBuilder(Watchdog.wrap(command)).directory(this.folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(this.folder.resolve("log").toFile()))
			.start();
		this.process = started;
		Instant deadline = Instant.now().plus(START_TIMEOUT);
		while (!answers()) {
			if (started.waitFor(100, TimeUnit.MILLISECONDS) || Instant.now().isAfter(deadline)) {
				kill();
				throw new IllegalStateException(
						"cockroach did not start:\n" + Files.readString(this.folder.resolve("log")));
			}
		}
	}

	private boolean answers() {
		try (Connection connection = DriverManager.getConnection("jdbc:" + url("defaultdb"), "root", "")) {
			return connection.isValid(5);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * Kill the node, which has no time to tell anybody.
	 */
	public void kill() {
		Process running = this.process;
		if (running != null) {
			Stream.concat(running.descendants(), Stream.of(running.toHandle())).toList().forEach((handle) -> {
				handle.destroyForcibly();
				handle.onExit().join();
			});
			this.process = null;
		}
	}

	/**
	 * Return the URL of a database.
	 * @param database its name
	 * @return a URL for user {@code root}
	 */
	public String url(String database) {
		return url(database, this.port);
	}

	/**
	 * Return the URL of a database by way of a proxy.
	 * @param database its name
	 * @param proxy the proxy
	 * @return a URL for user {@code root}
	 */
	public String url(String database, WireProxy proxy) {
		return url(database, proxy.port());
	}

	private static String url(String database, int port) {
		return "postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable";
	}

	/**
	 * Put a proxy before the node. It has to be closed by the test.
	 * @return a proxy
	 * @throws IOException if there is no free port
	 */
	public WireProxy proxy() throws IOException {
		return new WireProxy("127.0.0.1", this.port);
	}

	@Override
	public void close() throws IOException {
		kill();
		CockroachProcess.delete(this.folder);
	}

}
