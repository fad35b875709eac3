package io.github.crdbspring.jdbc;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbConnectionCustomizer}.
 */
@DatabaseTest
class ConnectionCustomizerTests {

	private static TestDatabase database;

	private final List<Integer> customized = new ArrayList<>();

	@BeforeAll
	static void keepDatabase(TestDatabase testDatabase) {
		database = testDatabase;
	}

	@Test
	void eachPhysicalConnectionIsPreparedOnce() throws SQLException {
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(2), List.of(this::note, this::note));
		for (int i = 0; i < 3; i++) {
			try (Connection first = dataSource.getConnection(); Connection second = dataSource.getConnection()) {
				assertThat(first).isNotEqualTo(second);
			}
		}
		assertThat(this.customized).hasSize(4);
		assertThat(this.customized.stream().distinct()).hasSize(2);
	}

	@Test
	void aConnectionThatLivesIsNotPreparedAgainAfterAGarbageCollection() throws SQLException {
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(1), List.of(this::note));
		for (int i = 0; i < 3; i++) {
			try (Connection connection = dataSource.getConnection()) {
				assertThat(connection.isValid(1)).isTrue();
			}
			collectGarbage();
		}
		assertThat(this.customized).hasSize(1);
	}

	@Test
	void aConnectionThatReplacesALostOneIsPreparedToo() throws SQLException {
		HikariDataSource pool = database.pool(1);
		CrdbDataSource dataSource = new CrdbDataSource(pool, List.of(this::note));
		try (Connection connection = dataSource.getConnection()) {
			pool.evictConnection(connection.unwrap(GuardedConnection.class).getTargetConnection());
		}
		try (Connection connection = dataSource.getConnection()) {
			assertThat(connection.isValid(1)).isTrue();
		}
		assertThat(this.customized.stream().distinct()).hasSize(2);
	}

	@Test
	void aSettingOutlivesARollbackWhereThePoolDoesNotCommitAutomatically() throws SQLException {
		HikariDataSource pool = database.pool(1);
		pool.setAutoCommit(false);
		CrdbDataSource dataSource = new CrdbDataSource(pool, List.of((connection, serverInfo) -> {
			try (Statement statement = connection.createStatement()) {
				statement.execute("SET statement_timeout = '7s'");
			}
		}));
		try (Connection connection = dataSource.getConnection()) {
			assertThat(connection.getAutoCommit()).isFalse();
			connection.rollback();
		}
		assertThat(timeout(dataSource)).isIn("7s", "7000");
	}

	@Test
	void aCustomizerThatFailsFailsTheBorrowerAndRunsAgain() {
		List<SQLException> failures = new ArrayList<>(List.of(new SQLException("not yet")));
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(1), List.of((connection, serverInfo) -> {
			if (!failures.isEmpty()) {
				throw failures.remove(0);
			}
		}, this::note));
		assertThatExceptionOfType(SQLException.class).isThrownBy(dataSource::getConnection).withMessage("not yet");
		assertThat(this.customized).isEmpty();
		assertThat(JdbcClient.create(dataSource).sql("SELECT 1").query(Integer.class).single()).isOne();
		assertThat(this.customized).hasSize(1);
	}

	@Test
	void itIsToldWhatTheServerIs() {
		List<ServerInfo> told = new ArrayList<>();
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(1),
				List.of((connection, serverInfo) -> told.add(serverInfo)));
		assertThat(dataSource.getServerInfo()).isEqualTo(database.serverInfo());
		assertThat(told).containsExactly(database.serverInfo());
	}

	private static void collectGarbage() {
		WeakReference<Object> garbage = new WeakReference<>(new Object());
		while (garbage.get() != null) {
			System.gc();
		}
	}

	private void note(Connection connection, ServerInfo serverInfo) throws SQLException {
		this.customized.add(System.identityHashCode(connection.unwrap(org.postgresql.PGConnection.class)));
	}

	private static String timeout(CrdbDataSource dataSource) {
		return JdbcClient.create(dataSource).sql("SHOW statement_timeout").query(String.class).single();
	}

}
