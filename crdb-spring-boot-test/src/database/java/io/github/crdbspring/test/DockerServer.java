package io.github.crdbspring.test;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.cockroachdb.CockroachContainer;

import org.springframework.util.ClassUtils;

/**
 * CockroachDB in Docker, with the settings for fast tests.
 */
final class DockerServer {

	private DockerServer() {
	}

	/**
	 * Whether there is a Docker, and Testcontainers to use it with.
	 */
	static boolean isAvailable() {
		return ClassUtils.isPresent("org.testcontainers.cockroachdb.CockroachContainer",
				DockerServer.class.getClassLoader()) && Containers.isDockerAvailable();
	}

	static String image() {
		return System.getProperty("crdb.test.image", "cockroachdb/cockroach:latest-v25.2");
	}

	static TestServer startCockroach() {
		return Containers.start(image());
	}

	/**
	 * Make the container that is started.
	 */
	static CockroachContainer newContainer(String image) {
		return CrdbContainers.fast(image);
	}

	/**
	 * Apart, so that Testcontainers may be missing.
	 */
	private static final class Containers {

		static boolean isDockerAvailable() {
			return DockerClientFactory.instance().isDockerAvailable();
		}

		static TestServer start(String image) {
			CockroachContainer container = newContainer(image);
			container.start();
			return new TestServer("postgresql://root@" + container.getHost() + ":" + container.getMappedPort(26257)
					+ "/defaultdb?sslmode=disable", "Docker image " + image, container);
		}

	}

}
