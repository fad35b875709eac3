package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbExceptionOverride} with an error that both CockroachDB and
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
			statement.execute("CREATE TABLE IF NOT EXISTS planned (id INT PRIMARY KEY)");
			statement.execute("PREPARE everything AS SELECT * FROM planned");
			statement.execute("ALTER TABLE planned ADD COLUMN IF NOT EXISTS more_%s INT"
				.formatted(System.identityHashCode(before)));
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("EXECUTE everything"))
				.returns("0A000", SQLException::getSQLState);
		}
		try (Connection connection = pool.getConnection()) {
			return connection.unwrap(PGConnection.class) == before;
		}
	}

}
