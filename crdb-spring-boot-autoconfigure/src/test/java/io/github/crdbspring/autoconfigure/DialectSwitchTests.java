package io.github.crdbspring.autoconfigure;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Instant;

import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@code crdb.dialect.enabled}: without the dialect, connections are the
 * driver's in all but the end of a transaction.
 */
@DatabaseTest
class DialectSwitchTests {

	private TestDatabase database;

	@BeforeEach
	void keepDatabase(TestDatabase testDatabase) {
		this.database = testDatabase;
	}

	@Test
	void byDefaultParametersOfMoreTypesAreBound() {
		withConnection(true, DialectSwitchTests::bindInstant);
	}

	@Test
	void withoutTheDialectParametersAreTheDrivers() {
		withConnection(false,
				(connection) -> assertThatExceptionOfType(SQLException.class).isThrownBy(() -> bindInstant(connection))
					.withMessageContaining("java.time.Instant"));
	}

	@Test
	@RequiresCockroach
	void withoutTheDialectErrorsAreTheServers() {
		withConnection(true, (connection) -> assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> execute(connection, "LISTEN news")));
		withConnection(false,
				(connection) -> assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> execute(connection, "LISTEN news"))
					.isNotInstanceOf(SQLFeatureNotSupportedException.class));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theOutcomeIsGuardedEitherWay(boolean dialect) {
		withConnection(dialect, (connection) -> {
			assertThat(connection.isWrapperFor(GuardedConnection.class)).isTrue();
			connection.setAutoCommit(false);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, "SELECT 1/0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(connection::commit);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(connection, "SELECT 1/0"));
			assertThatExceptionOfType(FailedTransactionCommitException.class)
				.isThrownBy(() -> execute(connection, "COMMIT"));
			try (Statement statement = connection.createStatement()) {
				assertThat(statement.getConnection()).isSameAs(connection);
				assertThat(statement.executeQuery("SELECT 1").getStatement().getConnection()).isSameAs(connection);
			}
			connection.rollback();
		});
	}

	@Test
	void aBadValueStopsTheStart() {
		runner("perhaps").run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining("crdb.dialect.enabled");
		});
	}

	private void withConnection(boolean dialect, ThrowingConsumer<Connection> action) {
		runner("" + dialect).run((context) -> {
			try (Connection connection = context.getBean(CrdbDataSource.class).getConnection()) {
				action.acceptThrows(connection);
			}
		});
	}

	private ApplicationContextRunner runner(String dialect) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + this.database.url(), "crdb.dialect.enabled=" + dialect,
					"spring.datasource.hikari.maximum-pool-size=1");
	}

	private static void bindInstant(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("SELECT CAST(? AS TIMESTAMPTZ)")) {
			statement.setObject(1, Instant.EPOCH);
			statement.executeQuery();
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
