package io.github.crdbspring.test;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A node of a {@link CockroachCluster}, which keeps its files and its address when it is
 * started again.
 */
public final class CockroachNode {

	private final String executable;

	private final Path folder;

	private final InetSocketAddress address;

	private @Nullable Process process;

	CockroachNode(String executable, Path folder) throws IOException {
		this.executable = executable;
		this.folder = folder;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.address = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
		}
	}

	InetSocketAddress address() {
		return this.address;
	}

	String hostAndPort() {
		return this.address.getAddress().getHostAddress() + ":" + this.address.getPort();
	}

	void start(String join) throws IOException {
		List<String> command = List.of(this.executable, "start", "--insecure", "--store=" + this.folder,
				"--listen-addr=" + hostAndPort(), "--http-addr=127.0.0.1:0", "--join=" + join, "--cache=128MiB",
				"--max-sql-memory=128MiB");
		File log = this.folder.resolveSibling(this.folder.getFileName() + ".log").toFile();
		this.process = new ProcessBuilder(Watchdog.wrap(command)).directory(this.folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log))
			.start();
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
	 * Have the node end its work and exit, as far as it does so soon.
	 */
	public void stop() {
		if (this.process != null) {
			CockroachProcess.stop(this.process);
			this.process = null;
		}
	}

	/**
	 * Have the node hand over its work and refuse more, but not exit.
	 * @throws IOException if it does not
	 * @throws InterruptedException if the thread is interrupted meanwhile
	 */
	public void drain() throws IOException, InterruptedException {
		List<String> arguments = new ArrayList<>(
				List.of("node", "drain", "--insecure", "--host=" + hostAndPort(), "--drain-wait=20s"));
		if (run("node", "drain", "--help").contains("--self ")) {
			arguments.add("--self");
		}
		run(arguments.toArray(String[]::new));
	}

	/**
	 * Run a command of the executable.
	 * @return what it has printed
	 */
	String run(String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of(this.executable));
		command.addAll(List.of(arguments));
		Process running = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (running.waitFor() != 0) {
			throw new IOException("'" + String.join(" ", command) + "' failed: " + output.strip());
		}
		return output;
	}

}
