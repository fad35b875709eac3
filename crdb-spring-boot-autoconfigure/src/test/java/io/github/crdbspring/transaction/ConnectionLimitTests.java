package io.github.crdbspring.transaction;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.ConnectionLimitExceededException;
import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for connections that end for a limit that was set for them, which is no loss that
 * another attempt would be spared.
 */
class ConnectionLimitTests extends AccountTests {

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(
			new CrdbDataSource(this.pool, List.of(new IdleTimeout("200ms"))));

	@BeforeAll
	static void createTable() {
		database.jdbc().sql("CREATE TABLE doc (id INT PRIMARY KEY, body VARCHAR)").update();
	}

	@AfterEach
	void closeProxy() throws Exception {
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		this.proxy.close();
	}

	@Test
	void aSocketTimeoutOfTheClientsIsNotRunIntoAgain() {
		this.pool.addDataSourceProperty("socketTimeout", "1");
		assertThatExceptionOfType(DataAccessException.class).isThrownBy(this::sleep)
			.withMessageContaining("socketTimeout")
			.withRootCauseInstanceOf(SocketTimeoutException.class)
			.satisfies(ConnectionLimitTests::isLimit);
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void aSocketTimeoutThatWasSwallowedIsNotRunIntoAgainEither() {
		this.pool.addDataSourceProperty("socketTimeout", "1");
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> this.fixture.jdbc.sql("SELECT pg_sleep(3)").query().singleValue());
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void theOutcomeOfACommitWhoseAnswerTookTooLongIsUnknown() {
		this.pool.addDataSourceProperty("socketTimeout", "1");
		this.proxy.failNext("COMMIT", Fault.SILENCE);
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void anIdleTimeoutOfTheSessionsIsNotRunIntoAgain() {
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				pause(Duration.ofMillis(600));
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}))
			.withMessageContaining("idle_in_transaction_session_timeout (200 ms)")
			.satisfies(ConnectionLimitTests::isLimit);
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(100);
		this.fixture.template().executeWithoutResult((status) -> Conflicts.add(this.fixture.jdbc, 1, 5));
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@ParameterizedTest
	@EnumSource(names = { "CUT_BEFORE", "CUT_AFTER" })
	void aConnectionThatIsLostForAnotherReasonIsRunOnAnother(Fault fault) {
		this.fixture.template().executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (this.fixture.attempt() == 1) {
				this.proxy.failNext("INSERT", fault);
			}
			this.fixture.jdbc.sql("INSERT INTO doc VALUES (?, ?)").param(1).param("x".repeat(1 << 20)).update();
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
		database.jdbc().sql("DELETE FROM doc").update();
	}

	@Test
	@RequiresCockroach
	void aMessageThatIsTooLargeIsSentOnce() {
		String body = "x".repeat(17 << 20);
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				this.fixture.attempt();
				this.fixture.jdbc.sql("INSERT INTO doc VALUES (?, ?)").param(2).param(body).update();
			}))
			.withMessageContaining("sql.conn.max_read_buffer_message_size");
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	private void sleep() {
		this.fixture.template().executeWithoutResult((status) -> {
			this.fixture.attempt();
			this.fixture.jdbc.sql("SELECT pg_sleep(3)").query().singleValue();
		});
	}

	private static void isLimit(DataAccessException failure) {
		assertThat(failure).isInstanceOf(DataAccessResourceFailureException.class)
			.hasCauseInstanceOf(ConnectionLimitExceededException.class);
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.CONNECTION_LIMIT_EXCEEDED);
	}

	private static void pause(Duration duration) {
		long end = System.nanoTime() + duration.toNanos();
		while (System.nanoTime() < end) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
		}
	}

	/**
	 * Sets how long a transaction may be idle, as {@code crdb.session} does.
	 *
	 * @param value the value
	 */
	record IdleTimeout(String value) implements CrdbConnectionCustomizer {

		@Override
		public void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
			try (Statement statement = connection.createStatement()) {
				statement.execute("SET idle_in_transaction_session_timeout = '" + this.value + "'");
			}
		}

		@Override
		public Map<String, String> sessionVariables() {
			return Map.of("idle_in_transaction_session_timeout", this.value);
		}

	}

}
