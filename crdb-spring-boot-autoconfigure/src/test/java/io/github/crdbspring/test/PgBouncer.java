package io.github.crdbspring.test;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * PgBouncer between an application and a database. Its executable is that of
 * {@code PGBOUNCER_BINARY}, or on the {@code PATH}, or where packages put it.
 */
public final class PgBouncer implements AutoCloseable {

	private final Process process;

	private final Path folder;

	private final int port;

	private PgBouncer(Process process, Path folder, int port) {
		this.process = process;
		this.folder = folder;
		this.port = port;
	}

	/**
	 * Find the executable.
	 * @return its path, or {@code null} if there is none
	 */
	public static @Nullable String findExecutable() {
		String given = System.getenv("PGBOUNCER_BINARY");
		if (given != null) {
			return given;
		}
		String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
		return Stream.of(path.split(File.pathSeparator))
			.map((directory) -> Path.of(directory, "pgbouncer"))
			.filter(Files::isExecutable)
			.map(Path::toString)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Whether there is an executable.
	 * @return {@code false} if tests that need one are to be skipped
	 */
	public static boolean isInstalled() {
		return findExecutable() != null;
	}

	/**
	 * Start one in front of a database. It lets everybody in as the database's user.
	 * @param database the database
	 * @param settings lines of the configuration, such as {@code pool_mode=transaction}
	 * @return a running PgBouncer
	 * @throws Exception if it does not start
	 */
	public static PgBouncer start(TestDatabase database, String... settings) throws Exception {
		URI uri = URI.create(database.url());
		Path folder = Files.createTempDirectory("pgbouncer",
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
		int port = freePort();
		String user = uri.getUserInfo().split(":")[0];
		List<String> lines = new ArrayList<>(
				List.of("[databases]", "* = host=" + uri.getHost() + " port=" + uri.getPort() + " user=" + user,
						"[pgbouncer]", "listen_addr=127.0.0.1", "listen_port=" + port, "auth_type=any",
						"unix_socket_dir=", "server_tls_sslmode=prefer"));
		lines.addAll(List.of(settings));
		Path configuration = Files.write(folder.resolve("pgbouncer.ini"), lines);
		List<String> command = new ArrayList<>(List.of(findExecutable()));
		if ("root".equals(System.getProperty("user.name"))) {
			// It refuses to run as root
			command.addAll(List.of("-u", "nobody"));
		}
		command.add(configuration.toString());
		Process process = new ProcessBuilder(Watchdog.wrap(command)).redirectErrorStream(true)
			.redirectOutput(folder.resolve("log").toFile())
			.start();
		PgBouncer started = new PgBouncer(process, folder, port);
		started.awaitStart();
		return started;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private void awaitStart() throws Exception {
		for (int i = 0; i < 100; i++) {
			try (Socket socket = new Socket("127.0.0.1", this.port)) {
				return;
			}
			catch (IOException ex) {
				TimeUnit.MILLISECONDS.sleep(50);
			}
		}
		throw new IllegalStateException("PgBouncer did not start: " + log());
	}

	/**
	 * Return the URL of a database by way of this PgBouncer.
	 * @param database the database
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url(TestDatabase database) {
		URI uri = URI.create(database.url());
		return "postgresql://" + uri.getUserInfo() + "@127.0.0.1:" + this.port + uri.getPath() + "?sslmode=disable";
	}

	/**
	 * Return what it has logged.
	 * @return lines of text
	 * @throws IOException if the file cannot be read
	 */
	public String log() throws IOException {
		return Files.readString(this.folder.resolve("log"));
	}

	@Override
	public void close() throws IOException {
		CockroachProcess.stop(this.process);
		CockroachProcess.delete(this.folder);
	}

}
