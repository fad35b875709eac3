package io.github.crdbspring.transaction;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what CockroachDB makes of a {@link SystemTime}.
 */
@DatabaseTest
@RequiresCockroach
class SystemTimeDatabaseTests {

	private static DataSource dataSource;

	@BeforeAll
	static void createPool(TestDatabase database) {
		dataSource = database.pool(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-10s", "-1m30s", "-500ms", "-1h", "-1us", "-1500us", "-PT10S", "-P1DT2H", "-1.5s",
			"2026-01-31T08:00:00Z", "2026-01-31 08:00:00", "2026-01-31 08:00:00+05:30",
			"2026-01-31T08:00:00.123456789Z", "1970-01-01T00:00:00.000001Z", "1", "1451635200000000000",
			"1451635200000000000.0", "1451635200000000000.0000000002", "1451635200000000000.2147483647",
			"follower_read_timestamp()" })
	void acceptsWhateverParses(String text) throws SQLException {
		assertThat(readAsOf(SystemTime.parse(text))).isOne();
	}

	static Stream<SystemTime> limits() {
		Duration since1970 = Duration.between(Instant.EPOCH, Instant.now());
		return Stream.of(SystemTime.ago(Duration.ofNanos(1_000)), SystemTime.ago(since1970.minusDays(1)),
				SystemTime.at(Instant.EPOCH.plusNanos(1_000)), SystemTime.at(Instant.now().minusMillis(1)),
				SystemTime.hlc(new BigDecimal("1E-10")), SystemTime.hlc(new BigDecimal("16E17")),
				SystemTime.followerRead());
	}

	@ParameterizedTest
	@MethodSource("limits")
	void acceptsTheLimits(SystemTime systemTime) throws SQLException {
		assertThat(readAsOf(systemTime)).isOne();
	}

	@Test
	void readsAsOfExactlyThePointInTime() throws SQLException {
		Instant instant = Instant.parse("2026-01-31T08:00:00.123456Z");
		BigDecimal nanos = new BigDecimal("1769846400123456000.0000000000");
		assertThat(timestampAsOf(SystemTime.at(instant))).isEqualTo(nanos);
		assertThat(timestampAsOf(SystemTime.parse("2026-01-31T09:00:00.123456+01:00"))).isEqualTo(nanos);
		assertThat(timestampAsOf(SystemTime.hlc(nanos))).isEqualTo(nanos);
		assertThat(timestampAsOf(SystemTime.parse("1769846400123456000.0000000007")))
			.isEqualTo("1769846400123456000.0000000007");
	}

	@Test
	void readsAsOfTheAge() throws SQLException {
		BigDecimal nanos = timestampAsOf(SystemTime.ago(Duration.ofHours(1)));
		assertThat(Duration.between(Instant.ofEpochSecond(0, nanos.longValue()), Instant.now()))
			.isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
	}

	private static int readAsOf(SystemTime systemTime) throws SQLException {
		return queryAsOf(systemTime, "SELECT 1").intValueExact();
	}

	private static BigDecimal timestampAsOf(SystemTime systemTime) throws SQLException {
		return queryAsOf(systemTime, "SELECT cluster_logical_timestamp()");
	}

	private static BigDecimal queryAsOf(SystemTime systemTime, String query) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("SET TRANSACTION AS OF SYSTEM TIME " + systemTime.toSql());
			try (ResultSet resultSet = statement.executeQuery(query)) {
				assertThat(resultSet.next()).isTrue();
				return resultSet.getBigDecimal(1);
			}
			finally {
				connection.rollback();
			}
		}
	}

}
