package io.github.crdbspring.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ConnectionGuard} with faults that a database does not produce on
 * demand.
 */
@ExtendWith(OutputCaptureExtension.class)
class ConnectionGuardTests {

	private final FakeConnection target = new FakeConnection();

	private final Connection connection = guard("v21.2.0");

	@ParameterizedTest
	@ValueSource(strings = { "08006", "08003", "57P01", "40003", "57014", "08P01", "XXUUU", "XX000", "53200", "58030",
			"P0001" })
	void anErrorThatLeavesTheOutcomeOpenHasNoSqlStateOfItsOwn(String sqlState) {
		SQLException failure = new SQLException("gone", sqlState);
		this.target.failures.put("commit", failure);
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit)
			.withCause(failure)
			.returns(null, SQLException::getSQLState);
	}

	@Test
	void anErrorThatIsNotTheServersLeavesTheOutcomeOpen() {
		this.target.failures.put("commit", new SQLException("something in the driver"));
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit);
		this.target.failures.put("commit", new IllegalStateException("something in the driver"));
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit);
	}

	@Test
	void anErrorOfTheVirtualMachineLeavesTheOutcomeOpen() throws SQLException {
		Error error = new OutOfMemoryError("made up");
		this.target.failures.put("commit", error);
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit)
			.withCause(error)
			.returns(null, SQLException::getSQLState);
		this.target.failures.put("rollback", new SQLException("closed", "08003"));
		this.connection.rollback();
		this.target.failures.put("setAutoCommit", error);
		assertThatExceptionOfType(CommitOutcomeUnknownException.class)
			.isThrownBy(() -> guard("v21.2.0").setAutoCommit(true))
			.withCause(error);
	}

	@Test
	void theReleaseThatIsACommitToCockroachIsGuardedLikeOne() throws SQLException {
		SQLException failure = new SQLException("gone", "08006");
		this.target.failures.put("releaseSavepoint", failure);
		assertThatExceptionOfType(CommitOutcomeUnknownException.class)
			.isThrownBy(() -> this.connection.releaseSavepoint(savepoint("cockroach_restart")))
			.withCause(failure);
		assertThat(this.connection.unwrap(GuardedConnection.class).transactionEnd()).isEqualTo(TransactionEnd.UNKNOWN);
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> guard("v21.2.0").releaseSavepoint(savepoint("another")))
			.isSameAs(failure);
		this.target.failures.clear();
		Connection other = guard("v21.2.0");
		other.releaseSavepoint(savepoint("cockroach_restart"));
		assertThat(other.unwrap(GuardedConnection.class).transactionEnd()).isEqualTo(TransactionEnd.COMMITTED);
	}

	private static Savepoint savepoint(String name) {
		return new Savepoint() {
			@Override
			public int getSavepointId() throws SQLException {
				throw new SQLException("It has a name");
			}

			@Override
			public String getSavepointName() {
				return name;
			}
		};
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "23505", "25P02", "0A000", "XXA00" })
	void anErrorThatTheServerAnswersPassesUnchanged(String sqlState) {
		SQLException failure = new SQLException("refused", sqlState);
		this.target.failures.put("commit", failure);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.connection::commit).isSameAs(failure);
	}

	@Test
	void theRollbackAfterAFailedCommitPassesQuietly() throws SQLException {
		this.target.failures.put("commit", new SQLException("gone", "08006"));
		this.target.failures.put("rollback", new SQLException("closed", "08003"));
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit);
		this.connection.rollback();
		assertThat(this.target.calls).containsExactly("commit", "rollback");
		assertThatExceptionOfType(SQLException.class).as("only the one that follows")
			.isThrownBy(this.connection::rollback);
	}

	@Test
	void aConnectionThatIsClosedBeforeCommitHasCertainlyNotCommitted() {
		this.target.closed = true;
		assertThatExceptionOfType(FailedTransactionCommitException.class).isThrownBy(this.connection::commit)
			.returns("08003", SQLException::getSQLState);
		assertThat(this.target.calls).doesNotContain("commit");
	}

	@Test
	void autoCommitOutsideOfATransactionIsForwarded() throws SQLException {
		this.target.autoCommit = true;
		this.connection.setAutoCommit(true);
		this.connection.setAutoCommit(false);
		assertThat(this.target.calls).containsExactly("setAutoCommit", "setAutoCommit");
	}

	@Test
	void autoCommitInsideATransactionTellsAnUnknownOutcome() {
		this.target.failures.put("setAutoCommit", new SQLException("gone", "08006"));
		assertThatExceptionOfType(CommitOutcomeUnknownException.class)
			.isThrownBy(() -> this.connection.setAutoCommit(true));
	}

	@Test
	void savepointsAreRefusedWhereTheServerHasNone() throws SQLException {
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> guard("v19.2.4").setSavepoint())
			.withMessageContaining("20.1");
		guard("v20.1.0").setSavepoint();
		assertThat(this.target.calls).containsExactly("setSavepoint");
	}

	@Test
	void cancellingAStatementIsRefusedWhereTheServerWouldIgnoreIt() throws SQLException {
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> guard("v21.2.17").createStatement().cancel())
			.withMessageContaining("CrdbSessions.cancelQuery");
		assertThat(this.target.calls).isEmpty();
		guard("v22.1.0").createStatement().cancel();
		assertThat(this.target.calls).containsExactly("cancel");
	}

	@Test
	void aQueryTimeoutIsNoCancelling() throws SQLException {
		guard("v21.2.17").createStatement().setQueryTimeout(1);
		assertThat(this.target.calls).containsExactly("setQueryTimeout");
	}

	@Test
	void postgresIsLeftAlone() throws SQLException {
		Connection postgres = guarded(this.target.connection, new ServerInfo("PostgreSQL", null, "PostgreSQL 18.1"));
		this.target.failures.put("execute", syntaxError());
		Statement statement = postgres.createStatement();
		statement.cancel();
		statement.addBatch("SELECT pg_advisory_lock(1)");
		postgres.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("LISTEN news"))
			.isInstanceOf(PSQLException.class);
	}

	@Test
	void anErrorAtCommitThatSaysOfWhatItIsStaysSo() {
		this.target.failures.put("commit", new CommitOutcomeUnknownException("unknown", syntaxError()));
		assertThatExceptionOfType(CommitOutcomeUnknownException.class).isThrownBy(this.connection::commit);
	}

	@Test
	void tellsOnceThatAnIsolationLevelIsAnother(CapturedOutput output) throws SQLException {
		for (int i = 0; i < 3; i++) {
			Connection guarded = guard("v23.1.7");
			guarded.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
			guarded.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
			guard("v23.2.7").setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		}
		assertThat(output.getOut())
			.containsOnlyOnce("CockroachDB 23.1.7 runs READ COMMITTED transactions as SERIALIZABLE")
			.doesNotContain("CockroachDB 23.2.7");
		assertThat(this.target.calls).hasSize(9).containsOnly("setTransactionIsolation");
	}

	@Test
	void everythingElseIsForwarded() throws SQLException {
		this.connection.setSchema("public");
		this.connection.close();
		assertThat(this.target.calls).containsExactly("setSchema", "close");
		assertThat(this.connection).isEqualTo(this.connection).hasSameHashCodeAs(this.connection);
		assertThat(this.connection).isNotEqualTo(guard("v21.2.0"));
		assertThat(this.connection.toString()).startsWith("Guarded");
	}

	private static PSQLException syntaxError() {
		return new PSQLException(new ServerErrorMessage("SERROR\0C42601\0Mat or near \"listen\": syntax error\0"));
	}

	private static Connection guarded(Connection target, ServerInfo serverInfo) {
		try {
			return ConnectionGuard.guard(target, ServerRules.of(serverInfo, true));
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Connection guard(String version) {
		return guarded(this.target.connection,
				new ServerInfo("CockroachDB", CrdbVersion.parse(version), "CockroachDB " + version));
	}

	/**
	 * Notes what is called, and fails where told to.
	 */
	private static final class FakeConnection {

		private final Map<String, Throwable> failures = new HashMap<>();

		private final List<String> calls = new ArrayList<>();

		private final Connection connection = (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, args) -> switch (method.getName()) {
					case "isClosed" -> this.closed;
					case "getAutoCommit" -> this.autoCommit;
					case "isWrapperFor" -> false;
					case "createStatement" -> this.statement;
					case "toString" -> "fake";
					default -> call(method.getName());
				});

		private final Statement statement = (Statement) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { Statement.class },
				(proxy, method, args) -> (call(method.getName()) == null && method.getReturnType() == boolean.class)
						? false : null);

		private boolean closed;

		private boolean autoCommit;

		private Object call(String name) throws Throwable {
			this.calls.add(name);
			if (this.failures.containsKey(name)) {
				throw this.failures.get(name);
			}
			return null;
		}

	}

}
