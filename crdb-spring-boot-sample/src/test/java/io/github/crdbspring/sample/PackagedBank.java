package io.github.crdbspring.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The packaged application, in a JVM of its own.
 */
final class PackagedBank implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(180);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private static final JsonMapper mapper = new JsonMapper();

	private final HttpClient client = HttpClient.newHttpClient();

	private final Process process;

	private final Path log;

	private PackagedBank(Process process, Path log) {
		this.process = process;
		this.log = log;
	}

	/**
	 * Start from what was processed ahead of time.
	 */
	static PackagedBank start(String... args) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Dspring.aot.enabled=true", "-jar", System.getProperty("bank.jar"), "--server.port=0"));
		command.addAll(List.of(args));
		Path log = Files.createTempFile("bank", ".log");
		return new PackagedBank(
				new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
	}

	String log() throws IOException {
		return Files.readString(this.log);
	}

	/**
	 * Wait until the application has logged something.
	 */
	void await(String text) throws IOException, InterruptedException {
		Instant deadline = Instant.now().plus(START_TIMEOUT);
		while (!log().contains(text)) {
			if (this.process.waitFor(50, TimeUnit.MILLISECONDS) || Instant.now().isAfter(deadline)) {
				throw new IllegalStateException("The application did not log '" + text + "':\n" + log());
			}
		}
	}

	/**
	 * Wait until the application has ended by itself.
	 * @return its exit status
	 */
	int awaitEnd() throws IOException, InterruptedException {
		if (!this.process.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
			throw new IllegalStateException("The application did not end:\n" + log());
		}
		return this.process.exitValue();
	}

	JsonNode get(String path) throws IOException, InterruptedException {
		return send(request(path).GET());
	}

	JsonNode post(String path, String json) throws IOException, InterruptedException {
		return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
	}

	private HttpRequest.Builder request(String path) throws IOException {
		Matcher port = PORT.matcher(log());
		if (!port.find()) {
			throw new IllegalStateException("The application does not serve:\n" + log());
		}
		return HttpRequest.newBuilder(URI.create("http://localhost:" + port.group(1) + path));
	}

	private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return mapper.readTree(this.client.send(request.build(), BodyHandlers.ofString()).body());
	}

	@Override
	public void close() throws IOException {
		this.process.destroy();
		this.process.onExit()
			.orTimeout(30, TimeUnit.SECONDS)
			.exceptionally((ex) -> this.process.destroyForcibly())
			.join();
		Files.delete(this.log);
	}

}
