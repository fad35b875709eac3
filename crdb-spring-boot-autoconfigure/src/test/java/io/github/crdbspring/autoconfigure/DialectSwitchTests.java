package io.github.crdbspring.autoconfigure;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@code crdb.dialect}: without it statements are the driver's alone, and the
 * outcome of transactions is guarded all the same.
 */
@DatabaseTest
class DialectSwitchTests {

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "spring.datasource.hikari.maximum-pool-size=1");
	}

	static Stream<Arguments> helped() {
		return Stream.of(Arguments.argumentSet("enum", parameter(Thread.State.NEW)),
				Arguments.argumentSet("duration", parameter(Duration.ofSeconds(1))),
				Arguments.argumentSet("array", (ThrowingConsumer<Connection>) (connection) -> connection
					.createArrayOf("TIMESTAMP_WITH_TIMEZONE", new Object[0])));
	}

	private static ThrowingConsumer<Connection> parameter(Object value) {
		return (connection) -> {
			try (PreparedStatement statement = connection.prepareStatement("SELECT ?::text")) {
				statement.setObject(1, value);
				statement.executeQuery().close();
			}
		};
	}

	@ParameterizedTest
	@MethodSource("helped")
	void itHelpsByDefault(ThrowingConsumer<Connection> use) {
		run((connection) -> assertThatNoException().isThrownBy(() -> use.accept(connection)));
	}

	@ParameterizedTest
	@MethodSource("helped")
	void switchedOffItLeavesTheRefusalToTheDriver(ThrowingConsumer<Connection> use) {
		run((connection) -> assertThatExceptionOfType(PSQLException.class).isThrownBy(() -> use.accept(connection)),
				"crdb.dialect.enabled=false");
	}

	@Test
	@RequiresCockroach
	void switchedOffItLeavesAdvisoryLocksToTheServer() {
		String sql = "SELECT pg_advisory_lock(1)";
		run((connection) -> assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, sql))
			.isNotInstanceOf(PSQLException.class));
		run((connection) -> {
			try {
				execute(connection, sql);
			}
			catch (SQLException ex) {
				assertThat((Throwable) ex).isInstanceOf(PSQLException.class);
			}
		}, "crdb.dialect.enabled=false");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theOutcomeIsGuardedInAnyCase(boolean enabled) {
		run((connection) -> {
			connection.setAutoCommit(false);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, "SELECT 1 / 0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit);
		}, "crdb.dialect.enabled=" + enabled);
	}

	@Test
	void optionsOfTransactionsTravelWithTheFirstStatementOnRequestOnly() {
		run(takesOptions(false));
		run(takesOptions(true), "crdb.dialect.pipeline-options=true");
		run(takesOptions(false), "crdb.dialect.pipeline-options=true", "crdb.dialect.enabled=false");
	}

	private static ThrowingConsumer<Connection> takesOptions(boolean expected) {
		return (connection) -> assertThat(connection.unwrap(GuardedConnection.class)
			.sendWithFirstStatement("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")).isEqualTo(expected);
	}

	@Test
	void aBadValueStopsTheStartWithThePropertyNamed() {
		this.runner.withPropertyValues("crdb.dialect.enabled=perhaps")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("crdb.dialect.enabled"));
	}

	private void run(ThrowingConsumer<Connection> use, String... properties) {
		this.runner.withPropertyValues(properties).run((context) -> {
			try (Connection connection = context.getBean(DataSource.class).getConnection()) {
				use.accept(connection);
			}
			catch (Throwable ex) {
				throw new AssertionError("The connection could not be used", ex);
			}
		});
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
