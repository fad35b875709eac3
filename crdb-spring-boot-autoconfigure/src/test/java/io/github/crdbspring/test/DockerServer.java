package io.github.crdbspring.test;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.cockroachdb.CockroachContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * CockroachDB in Docker.
 */
final class DockerServer {

	private static final String IMAGE = System.getProperty("crdb.test.image", "cockroachdb/cockroach:latest-v25.2");

	private DockerServer() {
	}

	static boolean isAvailable() {
		return DockerClientFactory.instance().isDockerAvailable();
	}

	static TestServer startCockroach() {
		CockroachContainer container = new CockroachContainer(DockerImageName.parse(IMAGE));
		container.start();
		return new TestServer("postgresql://root@" + container.getHost() + ":" + container.getMappedPort(26257)
				+ "/defaultdb?sslmode=disable", "Docker image " + IMAGE, container);
	}

}
