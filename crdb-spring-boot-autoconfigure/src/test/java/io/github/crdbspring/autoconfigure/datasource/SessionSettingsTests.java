package io.github.crdbspring.autoconfigure.datasource;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.error.CockroachRequiredException;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.util.TestPropertyValues.Type;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what is done to each new connection: {@code crdb.session}, customizers of the
 * user's, and {@code crdb.require-cockroachdb}.
 */
@DatabaseTest
class SessionSettingsTests {

	private final ApplicationContextRunner runner;

	private final TestDatabase database;

	SessionSettingsTests(TestDatabase database) {
		this.database = database;
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "spring.datasource.hikari.maximum-pool-size=2");
	}

	@Test
	void variablesAreSetOnEachConnection() {
		this.runner.withPropertyValues("crdb.session.statement_timeout=7s", "crdb.session.extra-float-digits=1")
			.run((context) -> {
				assertThat(show(context, "statement_timeout")).isIn("7s", "7000");
				assertThat(show(context, "extra_float_digits")).isEqualTo("1");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "CRDB_SESSION_STATEMENT_TIMEOUT", "CRDB_SESSION_STATEMENTTIMEOUT" })
	void anEnvironmentVariableSetsWhatItNames(String name) {
		this.runner
			.withInitializer((context) -> TestPropertyValues.of(name + "=7s")
				.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT))
			.run((context) -> {
				if (name.endsWith("STATEMENT_TIMEOUT")) {
					assertThat(show(context, "statement_timeout")).isIn("7s", "7000");
				}
				else {
					assertThatExceptionOfType(SQLException.class)
						.isThrownBy(() -> context.getBean(CrdbDataSource.class).getConnection())
						.withMessageContaining("statementtimeout");
				}
			});
	}

	@Test
	void anEnvironmentVariableWinsOverAProperty() {
		this.runner
			.withInitializer((context) -> TestPropertyValues.of("CRDB_SESSION_STATEMENT_TIMEOUT=7s")
				.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("file", Map.of("crdb.session.statement_timeout", "9s"))))
			.run((context) -> assertThat(show(context, "statement_timeout")).isIn("7s", "7000"));
	}

	@Test
	void aDotInAPropertyStays() {
		Map<String, String> settings = new SessionSettings(Map.of("shop.tenant", "north"), true).sessionVariables();
		assertThat(settings).containsEntry("shop.tenant", "north");
	}

	@Test
	void allDigitsOfAFloatAreReadWhateverTheVersion() {
		this.runner.run((context) -> {
			assertThat(JdbcClient.create(context.getBean(CrdbDataSource.class))
				.sql("SELECT CAST(0.1 AS FLOAT8) + CAST(0.2 AS FLOAT8)")
				.query(Double.class)
				.single()).isEqualTo(0.1 + 0.2);
			boolean needed = !this.database.serverInfo().supports(ServerFeature.ALL_FLOAT_DIGITS);
			assertThat(show(context, "extra_float_digits")).isEqualTo(needed ? "3" : "1");
		});
	}

	@Test
	void digitsThatTheUrlAsksForStay() {
		this.runner
			.withPropertyValues("crdb.url=" + this.database.url() + (this.database.url().contains("?") ? "&" : "?")
					+ "options=-c%20extra_float_digits%3D2")
			.run((context) -> assertThat(show(context, "extra_float_digits")).isEqualTo("2"));
	}

	@Test
	void allOfThemTravelInOneStatementPerPhysicalConnection() throws Exception {
		try (WireProxy proxy = this.database.proxy()) {
			this.runner
				.withPropertyValues("crdb.url=" + this.database.url(proxy),
						"spring.datasource.hikari.maximum-pool-size=1", "crdb.session.statement_timeout=7s",
						"crdb.session.extra_float_digits=1")
				.run((context) -> {
					show(context, "statement_timeout");
					show(context, "statement_timeout");
					assertThat(proxy.statements()).filteredOn((sql) -> sql.contains("set_config"))
						.containsExactly("SELECT set_config($1, $2, false), set_config($3, $4, false)");
				});
		}
	}

	@Test
	void theServersRefusalNamesTheProperty() {
		this.runner.withPropertyValues("crdb.session.statement_timeuot=7s")
			.run((context) -> assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> context.getBean(CrdbDataSource.class).getConnection())
				.withMessageContaining("crdb.session")
				.withMessageContaining("statement_timeuot"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "[a b]", "[x'; DROP TABLE account; --]", "[1st]" })
	void whatIsNoNameStopsTheStart(String name) {
		this.runner.withPropertyValues("crdb.session." + name + "=1").run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("crdb.session." + name.substring(1, name.length() - 1));
		});
	}

	@Test
	void customizersOfTheUserComeAfterTheVariables() {
		this.runner.withPropertyValues("crdb.session.extra_float_digits=1")
			.withBean(CrdbConnectionCustomizer.class, () -> (connection, serverInfo) -> {
				try (Statement statement = connection.createStatement()) {
					statement.execute("SET extra_float_digits = 2");
				}
			})
			.run((context) -> assertThat(show(context, "extra_float_digits")).isEqualTo("2"));
	}

	@Test
	void anotherServerThanCockroachIsRefusedAtTheStartIfCockroachIsRequired() {
		this.runner.withPropertyValues("crdb.require-cockroachdb=true").run((context) -> {
			if (this.database.isCockroach()) {
				assertThat(context).hasNotFailed();
				assertThat(show(context, "extra_float_digits")).isNotEmpty();
			}
			else {
				assertThat(context.getStartupFailure()).isInstanceOf(CannotGetJdbcConnectionException.class)
					.cause()
					.isInstanceOf(CockroachRequiredException.class)
					.hasMessageContaining("PostgreSQL")
					.hasMessageContaining("crdb.require-cockroachdb");
			}
		});
	}

	@Test
	void withoutThatRequirementNoConnectionIsOpenedAtTheStart() {
		this.runner.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private static String show(ApplicationContext context, String variable) {
		return JdbcClient.create(context.getBean(CrdbDataSource.class))
			.sql("SHOW " + variable)
			.query(String.class)
			.single();
	}

}
