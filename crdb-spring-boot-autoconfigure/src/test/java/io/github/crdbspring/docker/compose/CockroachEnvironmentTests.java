package io.github.crdbspring.docker.compose;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CockroachEnvironment}.
 */
class CockroachEnvironmentTests {

	@Test
	void withoutVariablesItIsRootInTheDefaultDatabase() {
		CockroachEnvironment environment = CockroachEnvironment.of(Map.of());
		assertThat(environment.database()).isEqualTo("defaultdb");
		assertThat(environment.username()).isEqualTo("root");
		assertThat(environment.password()).isNull();
	}

	@Test
	void databaseUserAndPasswordAreThoseThatTheScriptMakes() {
		CockroachEnvironment environment = CockroachEnvironment
			.of(Map.of("COCKROACH_DATABASE", "bank", "COCKROACH_USER", "maxroach", "COCKROACH_PASSWORD", "secret"));
		assertThat(environment.database()).isEqualTo("bank");
		assertThat(environment.username()).isEqualTo("maxroach");
		assertThat(environment.password()).isEqualTo("secret");
	}

	@Test
	void aUserNeedsNoPassword() {
		CockroachEnvironment environment = CockroachEnvironment.of(Map.of("COCKROACH_USER", "maxroach"));
		assertThat(environment.username()).isEqualTo("maxroach");
		assertThat(environment.password()).isNull();
	}

	@Test
	void aPasswordWithoutAUserIsNobodys() {
		CockroachEnvironment environment = CockroachEnvironment.of(Map.of("COCKROACH_PASSWORD", "secret"));
		assertThat(environment.username()).isEqualTo("root");
		assertThat(environment.password()).isNull();
	}

	@Test
	void theDatabaseNameIsFoldedAsInSql() {
		assertThat(CockroachEnvironment.of(Map.of("COCKROACH_DATABASE", "BankTEST")).database()).isEqualTo("banktest");
	}

	@Test
	void anEmptyVariableIsAnUnsetOne() {
		Map<String, String> variables = new HashMap<>();
		variables.put("COCKROACH_DATABASE", "");
		variables.put("COCKROACH_USER", "");
		variables.put("COCKROACH_PASSWORD", null);
		assertThat(CockroachEnvironment.of(variables)).isEqualTo(CockroachEnvironment.of(Map.of()));
	}

	@Test
	void anEmptyPasswordIsNone() {
		assertThat(CockroachEnvironment.of(Map.of("COCKROACH_USER", "maxroach", "COCKROACH_PASSWORD", "")).password())
			.isNull();
	}

	@Test
	void thePasswordIsNotInTheText() {
		assertThat(CockroachEnvironment.of(Map.of("COCKROACH_USER", "maxroach", "COCKROACH_PASSWORD", "secret")))
			.asString()
			.contains("maxroach", "******")
			.doesNotContain("secret");
	}

}
