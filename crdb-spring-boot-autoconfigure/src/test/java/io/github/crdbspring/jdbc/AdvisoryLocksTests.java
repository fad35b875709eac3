package io.github.crdbspring.jdbc;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link AdvisoryLocks}.
 */
class AdvisoryLocksTests {

	@ParameterizedTest
	@ValueSource(strings = { "SELECT pg_advisory_lock(1)", "select PG_TRY_ADVISORY_LOCK ( 1 )",
			"SELECT Pg_Advisory_Unlock($1)", "SELECT pg_advisory_unlock_all()", "SELECT pg_advisory_lock_shared(1, 2)",
			"SELECT pg_try_advisory_lock_shared(?)", "SELECT pg_catalog.pg_advisory_lock(1)",
			"SELECT \"pg_advisory_lock\"(1)", "{? = call pg_try_advisory_lock(?)}",
			"SELECT 'it''s', pg_advisory_lock(1)", "SELECT 1; SELECT pg_advisory_lock(1)",
			"SELECT pg_advisory_lock/* first */(1)", "SELECT (pg_try_advisory_lock(1))",
			"SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_xact_lock_shared(1)" })
	void refusesWhatWouldLockNothing(String sql) {
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> AdvisoryLocks.refuse(server("v26.2.1"), sql))
			.returns("0A000", SQLException::getSQLState)
			.withMessageContaining("FOR UPDATE")
			.withMessageContaining("unwrap");
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT 1", "", "SELECT 'pg_advisory_lock(1)'", "SELECT 1 -- pg_advisory_lock(1)",
			"/* pg_advisory_lock(1) */ SELECT 1", "SELECT $$ pg_advisory_lock(1) $$", "SELECT pg_advisory_lock FROM t",
			"SELECT * FROM t WHERE note = 'it''s pg_advisory_lock(1)'", "SELECT locks.pg_advisory_lock(1)",
			"SELECT my_pg_advisory_lock(1)", "SELECT pg_advisory_lock_count(1)",
			"SELECT * FROM pg_proc WHERE proname = 'pg_advisory_lock'" })
	void letsEverythingElsePass(String sql) throws SQLException {
		AdvisoryLocks.refuse(server("v21.1.0"), sql);
	}

	@Test
	void locksOfTransactionsAreThereSomeday() throws SQLException {
		AdvisoryLocks.refuse(server("v26.3.0"), "SELECT pg_advisory_xact_lock(1)");
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> AdvisoryLocks.refuse(server("v26.2.9"), "SELECT pg_advisory_xact_lock(1)"))
			.withMessageContaining("26.3 or later");
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.as("a lock of the session behind one of the transaction")
			.isThrownBy(() -> AdvisoryLocks.refuse(server("v26.3.0"),
					"SELECT pg_advisory_xact_lock(1), pg_advisory_lock(2)"))
			.withMessageContaining("pg_advisory_lock()");
	}

	private static ServerInfo server(String version) {
		return new ServerInfo("CockroachDB", CrdbVersion.parse(version), "CockroachDB " + version);
	}

}
