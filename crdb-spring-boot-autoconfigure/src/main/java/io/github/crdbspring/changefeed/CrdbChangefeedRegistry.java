package io.github.crdbspring.changefeed;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;

import org.springframework.context.SmartLifecycle;
import org.springframework.util.Assert;

/**
 * The containers of an application, by the ids of their listeners. Starts and stops them
 * with the application, and each on request. Thread-safe.
 *
 * @since 0.1.0
 */
public final class CrdbChangefeedRegistry implements SmartLifecycle {

	/**
	 * Late to start and early to stop, as other listener containers are.
	 */
	private static final int PHASE = Integer.MAX_VALUE - 100;

	private final Map<String, CrdbChangefeedContainer> containers = new ConcurrentSkipListMap<>();

	private volatile boolean running;

	/**
	 * Add a container. It is started if the others have been, and it is to start with the
	 * application.
	 * @param container the container
	 * @throws IllegalArgumentException if there is one with the same id
	 */
	public void register(CrdbChangefeedContainer container) {
		Assert.isTrue(this.containers.putIfAbsent(container.getId(), container) == null,
				() -> "There are two changefeed listeners with the id '" + container.getId()
						+ "', under which a position is stored: give one of them another id");
		if (this.running && container.isAutoStartup()) {
			container.start();
		}
	}

	/**
	 * Return all containers, in the order of their ids.
	 * @return the containers
	 */
	public Collection<CrdbChangefeedContainer> getContainers() {
		return List.copyOf(this.containers.values());
	}

	/**
	 * Find a container.
	 * @param id the id of its listener
	 * @return the container, empty if there is none
	 */
	public Optional<CrdbChangefeedContainer> find(String id) {
		return Optional.ofNullable(this.containers.get(id));
	}

	/**
	 * Start a container, also one that has failed.
	 * @param id the id of its listener
	 * @throws IllegalArgumentException if there is none with that id
	 */
	public void start(String id) {
		require(id).start();
	}

	/**
	 * Stop a container, and wait for the call that is under way.
	 * @param id the id of its listener
	 * @throws IllegalArgumentException if there is none with that id
	 */
	public void stop(String id) {
		require(id).stop();
	}

	/**
	 * Pause a container.
	 * @param id the id of its listener
	 * @throws IllegalArgumentException if there is none with that id
	 */
	public void pause(String id) {
		require(id).pause();
	}

	/**
	 * Let a container go on after a pause.
	 * @param id the id of its listener
	 * @throws IllegalArgumentException if there is none with that id
	 */
	public void resume(String id) {
		require(id).resume();
	}

	private CrdbChangefeedContainer require(String id) {
		return find(id).orElseThrow(() -> new IllegalArgumentException(
				"There is no changefeed listener '" + id + "'. All there are: " + this.containers.keySet()));
	}

	@Override
	public void start() {
		this.running = true;
		this.containers.values()
			.stream()
			.filter(CrdbChangefeedContainer::isAutoStartup)
			.forEach(CrdbChangefeedContainer::start);
	}

	/**
	 * Stop all containers, at the same time.
	 */
	@Override
	public void stop() {
		this.running = false;
		CompletableFuture<?>[] stops = this.containers.values()
			.stream()
			.filter(CrdbChangefeedContainer::isRunning)
			.map((container) -> CompletableFuture.runAsync(container::stop,
					(task) -> new Thread(task, "crdb-changefeed-" + container.getId() + "-stop").start()))
			.toArray(CompletableFuture<?>[]::new);
		CompletableFuture.allOf(stops).join();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
