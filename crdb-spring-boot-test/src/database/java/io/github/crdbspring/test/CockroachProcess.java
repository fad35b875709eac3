package io.github.crdbspring.test;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A single node of CockroachDB in memory, on free loopback ports.
 */
final class CockroachProcess {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private CockroachProcess() {
	}

	static @Nullable String findExecutable() {
		String given = System.getenv("COCKROACH_BINARY");
		if (given != null && !given.isBlank()) {
			if (!Files.isExecutable(Path.of(given))) {
				throw new IllegalStateException("COCKROACH_BINARY is not an executable file: " + given);
			}
			return given;
		}
		return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
			.flatMap((folder) -> Stream.of(Path.of(folder, "cockroach"), Path.of(folder, "cockroach.exe")))
			.filter(Files::isExecutable)
			.map(Path::toString)
			.findFirst()
			.orElse(null);
	}

	static TestServer start(String executable) throws IOException, InterruptedException {
		return start(executable, 0);
	}

	static TestServer start(String executable, int port) throws IOException, InterruptedException {
		return start(executable, port, Files.createTempDirectory("cockroach-test"), "--insecure");
	}

	/**
	 * Start a server that keeps its files in a folder, which is deleted with it.
	 */
	static TestServer start(String executable, int port, Path folder, String security)
			throws IOException, InterruptedException {
		Path urlFile = folder.resolve("url");
		Path log = folder.resolve("log");
		List<String> command = List.of(executable, "start-single-node", security, "--store=type=mem,size=1GiB",
				"--listen-addr=127.0.0.1:" + port, "--http-addr=127.0.0.1:0", "--listening-url-file=" + urlFile);
		Process process = new ProcessBuilder(Watchdog.wrap(command)).directory(folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		AutoCloseable stop = () -> {
			stop(process);
			delete(folder);
		};
		return new TestServer(awaitUrl(process, urlFile, log), executable, stop);
	}

	private static String awaitUrl(Process process, Path urlFile, Path log) throws IOException, InterruptedException {
		Instant deadline = Instant.now().plus(START_TIMEOUT);
		while (!Files.exists(urlFile) || !Files.readString(urlFile).endsWith("\n")) {
			if (process.waitFor(20, TimeUnit.MILLISECONDS) || Instant.now().isAfter(deadline)) {
				stop(process);
				throw new IllegalStateException("cockroach did not start:\n" + Files.readString(log));
			}
		}
		return Files.readString(urlFile).strip();
	}

	static void stop(Process process) {
		List<ProcessHandle> processes = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
		processes.forEach(ProcessHandle::destroy);
		processes.forEach((handle) -> handle.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally((ex) -> {
			handle.destroyForcibly();
			return handle;
		}).join());
	}

	static void delete(Path folder) throws IOException {
		try (Stream<Path> files = Files.walk(folder)) {
			files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
		}
	}

}
