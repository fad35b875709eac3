package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link CrdbReads}.
 */
@DatabaseTest
class CrdbReadsTests {

	private static final String QUERY = "SELECT balance FROM account WHERE id = ?";

	private static TestDatabase database;

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final CrdbDataSource dataSource = new CrdbDataSource(this.pool);

	private final CrdbReads reads = new CrdbReads(this.dataSource);

	@BeforeAll
	static void createTables(TestDatabase testDatabase) {
		database = testDatabase;
		new Conflicts(testDatabase);
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	@RequiresCockroach
	void aQueryAsOfASystemTimeIsOneStatement() {
		this.dataSource.getServerInfo();
		this.proxy.clear();
		Integer balance = this.reads.asOf(SystemTime.parse("-1us"), QUERY).param(1).query(Integer.class).single();
		assertThat(balance).isNotNull();
		assertThat(this.proxy.statements())
			.containsExactly("SELECT balance FROM account \nAS OF SYSTEM TIME '-1us' WHERE id = $1");
	}

	@Test
	@RequiresCockroach
	void itReadsThePast() {
		JdbcClient jdbc = JdbcClient.create(this.dataSource);
		String before = jdbc.sql("SELECT cluster_logical_timestamp()::STRING").query(String.class).single();
		Integer balance = jdbc.sql(QUERY).param(2).query(Integer.class).single();
		jdbc.sql("UPDATE account SET balance = balance + 17 WHERE id = 2").update();
		assertThat(this.reads.asOf(SystemTime.parse(before), QUERY).param(2).query(Integer.class).single())
			.isEqualTo(balance);
		assertThat(jdbc.sql(QUERY).param(2).query(Integer.class).single()).isEqualTo(balance + 17);
		jdbc.sql("UPDATE account SET balance = balance - 17 WHERE id = 2").update();
	}

	@Test
	@RequiresCockroach
	void aPoolWithoutAutoCommitIsNoHindranceAndStaysAsItWas() throws SQLException {
		this.pool.setAutoCommit(false);
		assertThat(this.reads.asOf(SystemTime.parse("-1us"), QUERY).param(1).query(Integer.class).single()).isNotNull();
		assertThat(this.proxy.statements()).doesNotContain("BEGIN", "BEGIN READ ONLY");
		try (Connection connection = this.dataSource.getConnection()) {
			assertThat(connection.getAutoCommit()).isFalse();
			assertThat(connection.isReadOnly()).isFalse();
		}
	}

	@Test
	@RequiresCockroach
	void queriesGoToThePoolForReading() {
		LazyConnectionDataSourceProxy routing = new LazyConnectionDataSourceProxy();
		routing.setTargetDataSource(this.dataSource);
		routing.setDefaultAutoCommit(true);
		routing.setDefaultTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
		routing.setReadOnlyDataSource(new CrdbDataSource(database.pool(1)));
		this.dataSource.getServerInfo();
		this.proxy.clear();
		assertThat(new CrdbReads(routing).asOf(SystemTime.parse("-1us"), QUERY).param(1).query(Integer.class).single())
			.isNotNull();
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	@RequiresCockroach
	void insideATransactionItIsRefused() {
		TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> transaction.executeWithoutResult((
					status) -> this.reads.asOf(SystemTime.parse("-1us"), QUERY).param(1).query(Integer.class).single()))
			.withMessageContaining("inside a transaction")
			.withMessageContaining("systemTime");
	}

	@Test
	@RequiresCockroach("21.2")
	void boundedStalenessIsAskedFor() {
		try {
			assertThat(
					this.reads.withMaxStaleness(Duration.ofSeconds(10), QUERY).param(1).query(Integer.class).optional())
				.isPresent();
		}
		catch (DataAccessException ex) {
			// Servers without a licence refuse the function, but knew what was asked for
			assertThat(ex.getMostSpecificCause())
				.isInstanceOfSatisfying(SQLException.class,
						(cause) -> assertThat(cause.getSQLState()).isEqualTo("XXC02"))
				.hasMessageContaining("licen");
		}
		assertThat(this.proxy.statements())
			.contains("SELECT balance FROM account \nAS OF SYSTEM TIME with_max_staleness('10s') WHERE id = $1");
	}

	@Test
	@RequiresCockroach
	void anOldVersionIsToldOf() {
		assumeThat(database.serverInfo().supports(ServerFeature.BOUNDED_STALENESS)).isFalse();
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> this.reads.withMinTimestamp(Instant.now(), QUERY))
			.withMessageContaining("needs CockroachDB 21.2");
	}

	@Test
	void postgresIsToldOf() {
		assumeThat(database.isCockroach()).isFalse();
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> this.reads.asOf(SystemTime.followerRead(), QUERY))
			.withMessageContaining("needs CockroachDB, but this is PostgreSQL");
	}

	@Test
	void aStalenessMustBePositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.reads.withMaxStaleness(Duration.ZERO, QUERY));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.reads.withMinTimestamp(Instant.now().plusSeconds(60), QUERY));
	}

}
