package io.github.crdbspring.jdbc;

import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.crdbspring.error.ConnectionLimitExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ConnectionLimits}, and for {@link MessageSize} on the way to it. The
 * loss is made, since servers differ in what they answer.
 */
@DatabaseTest
class ConnectionLimitsTests {

	private static final ServerInfo OLD_COCKROACH = new ServerInfo("CockroachDB", CrdbVersion.parse("v21.1.0"),
			"CockroachDB v21.1.0");

	private static final int LARGE = 17 << 20;

	private final TestDatabase database;

	ConnectionLimitsTests(TestDatabase database) {
		this.database = database;
	}

	@Test
	void aLossWithALargeParameterNamesTheServersSetting() throws Exception {
		assertThatExceptionOfType(ConnectionLimitExceededException.class)
			.isThrownBy(() -> loseWith((statement) -> statement.setString(1, "x".repeat(LARGE))))
			.withMessageContaining("about 17 MiB")
			.withMessageContaining("sql.conn.max_read_buffer_message_size")
			.satisfies((failure) -> assertThat(failure.getSQLState()).isEqualTo("08006"));
		assertThatExceptionOfType(ConnectionLimitExceededException.class)
			.isThrownBy(() -> loseWith((statement) -> statement.setObject(1, "x".repeat(LARGE))));
		assertThatExceptionOfType(ConnectionLimitExceededException.class).isThrownBy(() -> loseWith(
				(statement) -> statement.setCharacterStream(1, new StringReader("x".repeat(LARGE)), LARGE)));
	}

	@Test
	void aLossWithoutOneIsALoss() {
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> loseWith((statement) -> statement.setString(1, "x".repeat(1 << 20))))
			.isNotInstanceOf(ConnectionLimitExceededException.class);
	}

	@Test
	void aParameterOfAnEarlierExecutionDoesNotCount() {
		MessageSize size = new MessageSize();
		size.add("setString", new Object[] { 1, "x".repeat(1000) });
		size.sent();
		assertThat(size.of("SELECT")).isEqualTo(1006);
		size.add("setString", new Object[] { 1, "y" });
		assertThat(size.of(null)).isEqualTo(1);
	}

	@Test
	void ofABatchTheRowsOfOneMessageCount() {
		MessageSize size = new MessageSize();
		for (int i = 0; i < 1000; i++) {
			size.add("setBytes", new Object[] { 1, new byte[100] });
			size.add("addBatch", null);
		}
		assertThat(size.of(null)).isEqualTo(12_800);
	}

	@ParameterizedTest
	@CsvSource({ "500ms,500", "500,500", "30s,30000", "1.5s,1500", "2min,120000", "2m,120000", "1h,3600000",
			"1d,86400000" })
	void durationsAreReadAsTheServerDoes(String value, long millis) {
		assertThat(limits(value).idleInTransaction()).isEqualTo(Duration.ofMillis(millis));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "0s", "00:00:01", "soon", "" })
	void whatIsNoLimitOrNotKnownExplainsNothing(String value) {
		ConnectionLimits limits = limits(value);
		assertThat(limits.idleInTransaction()).isNull();
		SQLException lost = new SQLException("lost", "08006");
		assertThat((Throwable) limits.explain(lost, 0, Duration.ofHours(1))).isSameAs(lost);
	}

	@Test
	void aTransactionThatWasNotIdleForSoLongWasLostForAnotherReason() {
		SQLException lost = new SQLException("lost", "08006");
		assertThat((Throwable) limits("2s").explain(lost, 0, Duration.ofSeconds(1))).isSameAs(lost);
		assertThat((Throwable) limits("2s").explain(lost, 0, Duration.ofSeconds(2))).hasCause(lost)
			.hasMessageContaining("idle_in_transaction_session_timeout (2000 ms)");
	}

	private static ConnectionLimits limits(String idleInTransaction) {
		return ConnectionLimits.of(OLD_COCKROACH, List.of(new CrdbConnectionCustomizer() {

			@Override
			public void customize(Connection connection, ServerInfo serverInfo) {
			}

			@Override
			public Map<String, String> sessionVariables() {
				return Map.of("idle_in_transaction_session_timeout", idleInTransaction);
			}

		}));
	}

	private void loseWith(Parameter parameter) throws Exception {
		try (WireProxy proxy = this.database.proxy();
				Connection pooled = this.database.pool(1, proxy).getConnection();
				Connection connection = ConnectionGuard.guard(pooled, ServerRules.of(OLD_COCKROACH, true));
				PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
			parameter.set(statement);
			proxy.failNext("SELECT", Fault.CUT_BEFORE);
			statement.execute();
		}
	}

	/**
	 * Sets a parameter.
	 */
	private interface Parameter {

		void set(PreparedStatement statement) throws SQLException;

	}

}
