package io.github.crdbspring.sample;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the page is told, without a browser.
 */
final class PageEvents implements AutoCloseable {

	private static final JsonMapper mapper = new JsonMapper();

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final List<Event> events = new ArrayList<>();

	private final CompletableFuture<Stream<String>> lines;

	private String name = "";

	private boolean ended;

	PageEvents(HttpRequest.Builder request) {
		this.lines = HttpClient.newHttpClient()
			.sendAsync(request.build(), BodyHandlers.ofLines())
			.thenApply((response) -> response.body());
		this.lines.thenAcceptAsync((all) -> all.forEach(this::add)).whenComplete((done, failure) -> end());
	}

	private synchronized void add(String line) {
		if (line.startsWith("event:")) {
			this.name = line.substring("event:".length()).strip();
		}
		else if (line.startsWith("data:")) {
			this.events.add(new Event(this.name, mapper.readTree(line.substring("data:".length()))));
			notifyAll();
		}
	}

	private synchronized void end() {
		this.ended = true;
		notifyAll();
	}

	/**
	 * Forget what was told so far.
	 */
	synchronized void clear() {
		this.events.clear();
	}

	/**
	 * Wait to be told something.
	 */
	synchronized JsonNode await(String name, Predicate<JsonNode> what) throws InterruptedException {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (true) {
			for (Event event : this.events) {
				if (event.name().equals(name) && what.test(event.data())) {
					return event.data();
				}
			}
			long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
			if (left <= 0 || this.ended) {
				throw new AssertionError("No such " + name + " among " + this.events);
			}
			wait(left);
		}
	}

	/**
	 * Wait for a sentence.
	 */
	String awaitSentence(String kind) throws InterruptedException {
		return await("happening", (happening) -> happening.get("kind").stringValue().equals(kind)).get("text")
			.stringValue();
	}

	/**
	 * Wait until the application hangs up.
	 */
	synchronized void awaitEnd() throws InterruptedException {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (!this.ended && System.nanoTime() - end < 0) {
			wait(Duration.ofSeconds(1).toMillis());
		}
	}

	synchronized boolean hasEnded() {
		return this.ended;
	}

	@Override
	public void close() {
		this.lines.thenAccept(Stream::close);
	}

	private record Event(String name, JsonNode data) {

	}

}
