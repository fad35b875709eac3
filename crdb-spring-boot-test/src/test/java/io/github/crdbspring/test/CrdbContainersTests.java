package io.github.crdbspring.test;

import java.sql.Connection;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.testcontainers.cockroachdb.CockroachContainer;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbContainers}, without Docker.
 */
@CrdbTestDatabase
class CrdbContainersTests {

	@Test
	void dataIsKeptInMemory() {
		CockroachContainer container = CrdbContainers.fast("cockroachdb/cockroach:v25.2.0");
		assertThat(command(container)).endsWith("start-single-node --insecure --store=type=mem,size=1GiB");
	}

	@Test
	void theContainerThatIsStartedForTestsIsAFastOne() {
		assertThat(command(DockerServer.newContainer("cockroachdb/cockroach:v25.2.0")))
			.endsWith("start-single-node --insecure --store=type=mem,size=1GiB");
	}

	@Test
	void aContainerWithAPasswordIsSecure() {
		CockroachContainer container = CrdbContainers.fast("cockroachdb/cockroach:v25.2.0")
			.withUsername("teller")
			.withPassword("secret");
		assertThat(command(container)).endsWith("start-single-node --store=type=mem,size=1GiB");
	}

	private static String command(CockroachContainer container) {
		ReflectionTestUtils.invokeMethod(container, "configure");
		return String.join(" ", Arrays.asList(container.getCommandParts()));
	}

	@Test
	@EnabledOnCockroach
	void settingsAreMadeThatTheServerHas(TestDatabase database) throws Exception {
		try (Connection connection = database.dataSource().getConnection()) {
			FastSettings.apply(connection);
		}
		assertThat(database.jdbc()
			.sql("SHOW CLUSTER SETTING sql.stats.automatic_collection.enabled")
			.query(String.class)
			.single()).isIn("f", "false");
	}

}
