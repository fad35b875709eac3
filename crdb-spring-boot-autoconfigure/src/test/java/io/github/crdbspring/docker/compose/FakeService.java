package io.github.crdbspring.docker.compose;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.lifecycle.DockerComposeServicesReadyEvent;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;

/**
 * What Docker would say of a service.
 *
 * @param name the service's name
 * @param image the image it runs
 * @param host the host to reach it at
 * @param hostPorts the ports to reach it at, by those inside of the container
 * @param env its environment variables
 * @param labels its labels
 */
record FakeService(String name, ImageReference image, String host, Map<Integer, Integer> hostPorts,
		Map<String, String> env, Map<String, String> labels) implements RunningService {

	static FakeService of(String image, Map<String, String> env, Map<String, String> labels) {
		return new FakeService("database", ImageReference.of(image), "127.0.0.1", Map.of(26257, 33333, 8080, 33334),
				env, labels);
	}

	FakeService at(String newHost, int port) {
		return new FakeService(this.name, this.image, newHost, Map.of(26257, port), this.env, this.labels);
	}

	FakeService named(String newName) {
		return new FakeService(newName, this.image, this.host, this.hostPorts, this.env, this.labels);
	}

	@Override
	public ConnectionPorts ports() {
		return new FakePorts(this.hostPorts);
	}

	/**
	 * What Spring Boot makes of a service, before it looks for factories.
	 */
	DockerComposeConnectionSource source(Environment environment) {
		return instantiate(DockerComposeConnectionSource.class, this, environment);
	}

	/**
	 * Let Spring Boot know that services are running, as it would before the context is
	 * refreshed.
	 */
	static void announce(ConfigurableApplicationContext context, RunningService... services) {
		DockerComposeServicesReadyEvent event = instantiate(DockerComposeServicesReadyEvent.class, context,
				List.of(services));
		SpringFactoriesLoader.forDefaultResourceLocation()
			.load(ApplicationListener.class)
			.stream()
			.filter((listener) -> listener.getClass().getSimpleName().startsWith("DockerComposeServiceConnections"))
			.forEach((listener) -> notify(listener, event));
	}

	@SuppressWarnings("unchecked")
	private static void notify(ApplicationListener<?> listener, DockerComposeServicesReadyEvent event) {
		((ApplicationListener<DockerComposeServicesReadyEvent>) listener).onApplicationEvent(event);
	}

	@SuppressWarnings("unchecked")
	private static <T> T instantiate(Class<T> type, Object... arguments) {
		Constructor<T> constructor = (Constructor<T>) type.getDeclaredConstructors()[0];
		constructor.setAccessible(true);
		return BeanUtils.instantiateClass(constructor, arguments);
	}

	/**
	 * Published ports.
	 *
	 * @param hostPorts the ports of the host by those inside of the container
	 */
	private record FakePorts(Map<Integer, Integer> hostPorts) implements ConnectionPorts {

		@Override
		public int get(int containerPort) {
			Integer port = this.hostPorts.get(containerPort);
			if (port == null) {
				throw new IllegalStateException("No mapping for port " + containerPort);
			}
			return port;
		}

		@Override
		public List<Integer> getAll() {
			return List.copyOf(this.hostPorts.values());
		}

		@Override
		public List<Integer> getAll(String protocol) {
			return getAll();
		}

	}

}
