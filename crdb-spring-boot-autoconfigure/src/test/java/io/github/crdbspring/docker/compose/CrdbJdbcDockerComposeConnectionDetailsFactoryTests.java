package io.github.crdbspring.docker.compose;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseConnectionDetails;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link CrdbJdbcDockerComposeConnectionDetailsFactory}, as Spring Boot finds
 * it.
 */
class CrdbJdbcDockerComposeConnectionDetailsFactoryTests {

	private static final String IMAGE = "cockroachdb/cockroach:v25.2.0";

	private final MockEnvironment environment = new MockEnvironment();

	@Test
	void theServiceSaysWhereAndTheEnvironmentWho() {
		JdbcConnectionDetails details = details(FakeService.of(IMAGE,
				Map.of("COCKROACH_DATABASE", "bank", "COCKROACH_USER", "maxroach", "COCKROACH_PASSWORD", "secret"),
				Map.of()));
		assertThat(details.getJdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:33333/bank");
		assertThat(details.getUsername()).isEqualTo("maxroach");
		assertThat(details.getPassword()).isEqualTo("secret");
		assertThat(details.getDriverClassName()).isEqualTo("org.postgresql.Driver");
	}

	@Test
	void anInsecureNodeNeedsNoEnvironment() {
		JdbcConnectionDetails details = details(FakeService.of(IMAGE, Map.of(), Map.of()));
		assertThat(details.getJdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:33333/defaultdb");
		assertThat(details.getUsername()).isEqualTo("root");
		assertThat(details.getPassword()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "cockroachdb/cockroach", "cockroachdb/cockroach:latest-v24.3",
			"docker.io/cockroachdb/cockroach:v23.1.0", "registry.example.com:5000/cockroachdb/cockroach:v25.2.0",
			"cockroachdb/cockroach-unstable:v26.1.0-rc.1" })
	void theImageIsRecognised(String image) {
		assertThat(all(FakeService.of(image, Map.of(), Map.of()))).containsKey(JdbcConnectionDetails.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "cockroach", "example/cockroach", "cockroachdb/pebble", "redis" })
	void anotherImageIsNot(String image) {
		assertThat(all(FakeService.of(image, Map.of(), Map.of()))).doesNotContainKey(JdbcConnectionDetails.class);
	}

	@Test
	void aLabelTellsWhatACustomImageIs() {
		FakeService service = FakeService.of("example/our-database:7", Map.of("COCKROACH_DATABASE", "bank"),
				Map.of("org.springframework.boot.service-connection", "cockroachdb/cockroach"));
		assertThat(details(service).getJdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:33333/bank");
	}

	@Test
	void aLabelGivesParametersOfTheUrl() {
		FakeService service = FakeService.of(IMAGE, Map.of(),
				Map.of("org.springframework.boot.jdbc.parameters", "sslmode=disable&ApplicationName=shop"));
		assertThat(details(service).getJdbcUrl())
			.isEqualTo("jdbc:postgresql://127.0.0.1:33333/defaultdb?sslmode=disable&ApplicationName=shop");
	}

	@ParameterizedTest
	@CsvSource({ "docker.example.com, docker.example.com", "10.0.0.7, 10.0.0.7", "::1, [::1]", "[fe80::2], [fe80::2]" })
	void theHostIsTheDockerHosts(String host, String inUrl) {
		FakeService service = FakeService.of(IMAGE, Map.of(), Map.of()).at(host, 5);
		assertThat(details(service).getJdbcUrl()).isEqualTo("jdbc:postgresql://" + inUrl + ":5/defaultdb");
	}

	@Test
	void aNameOfADatabaseIsEncoded() {
		FakeService service = FakeService.of(IMAGE, Map.of("COCKROACH_DATABASE", "a?b/c"), Map.of());
		assertThat(details(service).getJdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:33333/a%3Fb%2Fc");
	}

	@Test
	void thePortHasToBePublished() {
		FakeService service = new FakeService("database", FakeService.of(IMAGE, Map.of(), Map.of()).image(),
				"127.0.0.1", Map.of(8080, 8080), Map.of(), Map.of());
		assertThatIllegalStateException().isThrownBy(() -> all(service)).withMessageContaining("26257");
	}

	@Test
	void flywayAndLiquibaseGetTheSameDetails() {
		JdbcConnectionDetails details = details(FakeService.of(IMAGE, Map.of("COCKROACH_USER", "maxroach"), Map.of()));
		Map<Class<?>, ConnectionDetails> adapted = new ConnectionDetailsFactories(null).getConnectionDetails(details,
				false);
		assertThat(adapted.get(FlywayConnectionDetails.class)).isInstanceOfSatisfying(FlywayConnectionDetails.class,
				(flyway) -> {
					assertThat(flyway.getJdbcUrl()).isEqualTo(details.getJdbcUrl());
					assertThat(flyway.getUsername()).isEqualTo("maxroach");
				});
		assertThat(adapted.get(LiquibaseConnectionDetails.class)).isInstanceOfSatisfying(
				LiquibaseConnectionDetails.class,
				(liquibase) -> assertThat(liquibase.getJdbcUrl()).isEqualTo(details.getJdbcUrl()));
	}

	@Test
	void disabledItGivesNothing() {
		this.environment.setProperty("crdb.enabled", "false");
		assertThat(all(FakeService.of(IMAGE, Map.of(), Map.of()))).isEmpty();
	}

	private JdbcConnectionDetails details(FakeService service) {
		return (JdbcConnectionDetails) all(service).get(JdbcConnectionDetails.class);
	}

	private Map<Class<?>, ConnectionDetails> all(FakeService service) {
		return new ConnectionDetailsFactories(null).getConnectionDetails(service.source(this.environment), false);
	}

}
