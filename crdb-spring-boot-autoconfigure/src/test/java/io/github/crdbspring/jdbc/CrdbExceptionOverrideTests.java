package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbExceptionOverride} with errors that both CockroachDB and
 * PostgreSQL answer with 0A000.
 */
@DatabaseTest
class CrdbExceptionOverrideTests {

	@Test
	void theConnectionStaysInThePool(TestDatabase database) throws SQLException {
		HikariDataSource pool = database.pool(1);
		pool.setExceptionOverride(new CrdbExceptionOverride());
		assertThat(connectionAfterUnsupportedStatement(pool)).isTrue();
	}

	@Test
	void withoutItThePoolThrowsTheConnectionAway(TestDatabase database) throws SQLException {
		assertThat(connectionAfterUnsupportedStatement(database.pool(1))).isFalse();
	}

	@Test
	void aConnectionWithAStaleStatementStaysIfItIsGuarded(TestDatabase database) throws SQLException {
		HikariDataSource pool = database.pool(1);
		pool.setExceptionOverride(new CrdbExceptionOverride());
		assertThat(connectionAfterStaleStatement(new CrdbDataSource(pool))).isTrue();
	}

	/**
	 * Nobody would drop its statements, so that it would fail for as long as it lives.
	 */
	@Test
	void aConnectionWithAStaleStatementIsThrownAwayIfNobodyGuardsIt(TestDatabase database) throws SQLException {
		HikariDataSource pool = database.pool(1);
		pool.setExceptionOverride(new CrdbExceptionOverride());
		assertThat(connectionAfterStaleStatement(pool)).isFalse();
	}

	@Test
	void otherErrorsAreLeftToThePool() {
		CrdbExceptionOverride override = new CrdbExceptionOverride();
		assertThat(override.adjudicate(new SQLException("lost", "08006")).name()).isEqualTo("CONTINUE_EVICT");
		assertThat(override.adjudicate(new SQLException("none", (String) null)).name()).isEqualTo("CONTINUE_EVICT");
	}

	/**
	 * Whether the pool still has the same connection after one of its statements was
	 * answered with 0A000.
	 */
	private static boolean connectionAfterUnsupportedStatement(HikariDataSource pool) throws SQLException {
		PGConnection before;
		try (Connection connection = pool.getConnection(); var statement = connection.createStatement()) {
			before = connection.unwrap(PGConnection.class);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("SELECT 1 FROM (VALUES (1)) AS v (n) GROUP BY n FOR UPDATE"))
				.returns("0A000", SQLException::getSQLState);
		}
		try (Connection connection = pool.getConnection()) {
			return connection.unwrap(PGConnection.class) == before;
		}
	}

	/**
	 * Whether the pool still has the same connection after one of its statements turned
	 * out to be stale inside a transaction.
	 */
	private static boolean connectionAfterStaleStatement(DataSource pool) throws SQLException {
		PGConnection before;
		try (Connection connection = pool.getConnection(); var statement = connection.createStatement()) {
			before = connection.unwrap(PGConnection.class);
			statement.execute("CREATE TABLE IF NOT EXISTS planned (id INT PRIMARY KEY)");
			statement.execute("PREPARE everything AS SELECT * FROM planned");
			statement.execute("ALTER TABLE planned ADD COLUMN IF NOT EXISTS more_%s INT"
				.formatted(System.identityHashCode(before)));
			connection.setAutoCommit(false);
			statement.execute("SELECT 1");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("EXECUTE everything"))
				.returns("0A000", SQLException::getSQLState);
		}
		try (Connection connection = pool.getConnection()) {
			return connection.unwrap(PGConnection.class) == before;
		}
	}

}
