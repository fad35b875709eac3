package io.github.crdbspring.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.crdbspring.changefeed.ChangefeedStatus;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;
import io.github.crdbspring.changefeed.DeadLetter;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Actuator endpoint that shows the listeners of changefeeds, starts, stops, pauses and
 * resumes them, and lets them try again the rows that were put aside. It shows the keys
 * of such rows, and no other value.
 *
 * @since 0.1.0
 */
@Endpoint(id = "crdbchangefeeds")
public class CrdbChangefeedsEndpoint {

	private static final int MAX_DEAD_LETTERS = 100;

	private final CrdbChangefeedRegistry registry;

	/**
	 * Create a new endpoint.
	 * @param registry the listeners
	 */
	public CrdbChangefeedsEndpoint(CrdbChangefeedRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Show all listeners.
	 * @return how each of them fares, by id
	 */
	@ReadOperation
	public ChangefeedsDescriptor changefeeds() {
		Map<String, ChangefeedStatus> listeners = new LinkedHashMap<>();
		this.registry.getContainers().forEach((container) -> listeners.put(container.getId(), container.getStatus()));
		return new ChangefeedsDescriptor(listeners);
	}

	/**
	 * Show a listener, and the rows that it could not process.
	 * @param id the id of the listener
	 * @return how it fares, {@code null} if there is none with that id
	 */
	@ReadOperation
	public @Nullable ChangefeedDescriptor changefeed(@Selector String id) {
		return this.registry.find(id)
			.map((container) -> new ChangefeedDescriptor(container.getStatus(),
					container.getDeadLetters(MAX_DEAD_LETTERS)))
			.orElse(null);
	}

	/**
	 * Do something to a listener.
	 * @param id the id of the listener
	 * @param action {@code start}, {@code stop}, {@code pause}, {@code resume}, or
	 * {@code replay}, which calls it for the rows that were put aside
	 * @return what came of it, {@code null} if there is no listener with that id
	 */
	@WriteOperation
	public @Nullable ActionDescriptor act(@Selector String id, String action) {
		CrdbChangefeedContainer container = this.registry.find(id).orElse(null);
		if (container == null) {
			return null;
		}
		if (action.equals("replay")) {
			int replayed = container.replayDeadLetters();
			return new ActionDescriptor(container.getStatus(), replayed);
		}
		switch (action) {
			case "start" -> container.start();
			case "stop" -> container.stop();
			case "pause" -> container.pause();
			case "resume" -> container.resume();
			default -> throw new InvalidEndpointRequestException(
					"'action' must be start, stop, pause, resume or replay, but is '" + action + "'",
					"'action' must be start, stop, pause, resume or replay");
		}
		return new ActionDescriptor(container.getStatus(), null);
	}

	/**
	 * All listeners.
	 *
	 * @param listeners how each of them fares, by id
	 */
	public record ChangefeedsDescriptor(Map<String, ChangefeedStatus> listeners) {

	}

	/**
	 * A listener.
	 *
	 * @param status how it fares
	 * @param deadLetters the oldest rows that were put aside
	 */
	public record ChangefeedDescriptor(ChangefeedStatus status, List<DeadLetter> deadLetters) {

	}

	/**
	 * What came of an action.
	 *
	 * @param status how the listener fares now
	 * @param replayed how many rows were tried again with success, {@code null} if that
	 * was not the action
	 */
	public record ActionDescriptor(ChangefeedStatus status, @Nullable Integer replayed) {

	}

}
