package io.github.crdbspring.stack;

import java.sql.Statement;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.CrdbExceptionOverride;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for a maximum number of rows, with which CockroachDB keeps a query open on the
 * server.
 */
@DatabaseTest
class RowLimitTests {

	private JdbcTemplate jdbcTemplate;

	private TransactionTemplate transaction;

	@BeforeEach
	void connect(TestDatabase testDatabase) {
		new Conflicts(testDatabase);
		HikariDataSource pool = testDatabase.pool(2);
		pool.setExceptionOverride(new CrdbExceptionOverride());
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		this.jdbcTemplate = new JdbcTemplate(dataSource);
		this.jdbcTemplate.setMaxRows(1);
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
	}

	@Test
	void aQueryWithAMaximumOfRowsEndsWithItsResultSet() {
		assertThat(readTwice()).containsExactly(1);
		this.jdbcTemplate.setFetchSize(2);
		assertThat(readTwice()).containsExactly(1);
	}

	@Test
	void aPreparedQueryWithAMaximumOfRowsEndsWithItsResultSet() {
		this.transaction.executeWithoutResult((status) -> {
			String sql = "SELECT id FROM account WHERE id > ? ORDER BY id";
			assertThat(this.jdbcTemplate.queryForList(sql, Integer.class, 1)).containsExactly(2);
			assertThat(this.jdbcTemplate.queryForList(sql, Integer.class, 0)).containsExactly(1);
		});
	}

	@Test
	void aMaximumThatIsTakenBackIsNone() {
		this.transaction
			.executeWithoutResult((status) -> this.jdbcTemplate.execute((ConnectionCallback<Void>) (connection) -> {
				try (Statement statement = connection.createStatement()) {
					statement.setMaxRows(1);
					statement.setMaxRows(0);
					assertThat(statement.getFetchSize()).isZero();
					statement.setFetchSize(5);
					statement.setMaxRows(1);
					assertThat(statement.getFetchSize()).isEqualTo(5);
				}
				return null;
			}));
	}

	@Test
	@RequiresCockroach
	void whileItsResultSetIsOpenTheServerDoesNothingElse() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.jdbcTemplate
				.query("SELECT id FROM account ORDER BY id", (RowCallbackHandler) (row) -> read())))
			.withMessageContaining("maximum number of rows");
	}

	@Test
	void outsideOfATransactionThereIsNothingToConsider() {
		assertThat(read()).containsExactly(1);
		assertThat(read()).containsExactly(1);
	}

	private List<Integer> readTwice() {
		return this.transaction.execute((status) -> {
			read();
			return read();
		});
	}

	private List<Integer> read() {
		return this.jdbcTemplate.queryForList("SELECT id FROM account ORDER BY id", Integer.class);
	}

}
