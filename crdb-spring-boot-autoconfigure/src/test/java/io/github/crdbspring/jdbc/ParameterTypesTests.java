package io.github.crdbspring.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.Jsonb;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ParameterTypes} on a statement that records what reaches the driver.
 */
class ParameterTypesTests {

	private final List<List<@Nullable Object>> calls = new ArrayList<>();

	private final PreparedStatement target = ProxyCalls.newProxy(PreparedStatement.class, (proxy, method, args) -> {
		this.calls.add(Arrays.asList(args));
		return null;
	});

	private final PreparedStatement statement;

	ParameterTypesTests() throws SQLException {
		Connection connection = ProxyCalls.newProxy(Connection.class,
				(proxy, method, args) -> method.getName().equals("isWrapperFor") ? (Object) false : this.target);
		this.statement = ConnectionGuard.guard(connection, ServerRules.of(null, true), null).prepareStatement("SELECT ?");
	}

	static Stream<Object> driversOwn() {
		return Stream.of("text", 1, 1L, BigDecimal.ONE, BigInteger.ONE, UUID.randomUUID(), LocalDate.EPOCH,
				OffsetDateTime.MIN, new Timestamp(0), new byte[1], new int[1], new String[1], new UUID[1],
				new Timestamp[1], new byte[1][1], new PGobject(), new PGInterval(), Map.of(), 'c', new StringBuilder());
	}

	@ParameterizedTest
	@MethodSource("driversOwn")
	void whatTheDriverTakesReachesIt(Object value) throws SQLException {
		this.statement.setObject(1, value);
		assertThat(this.calls).hasSize(1);
		assertThat(this.calls.get(0).get(1)).isSameAs(value);
	}

	static Stream<Object> others() throws Exception {
		return Stream.of(Duration.ZERO, Period.ZERO, Instant.EPOCH, ZonedDateTime.now(),
				InetAddress.getByName("127.0.0.1"), Thread.State.NEW);
	}

	@ParameterizedTest
	@MethodSource("others")
	void withATypeFromTheCallerItIsTheDrivers(Object value) throws SQLException {
		this.statement.setObject(1, value, Types.OTHER);
		assertThat(this.calls).containsExactly(List.of(1, value, Types.OTHER));
	}

	@Test
	void theRestReachesItAsWhatItStandsFor() throws Exception {
		this.statement.setObject(1, Duration.ofSeconds(-1, 500_000_000));
		this.statement.setObject(2, Period.of(1, 2, 3));
		this.statement.setObject(3, Instant.EPOCH);
		this.statement.setObject(4, ZonedDateTime.parse("2026-01-01T00:00:00+05:00"));
		this.statement.setObject(5, InetAddress.getByName("::1"));
		this.statement.setObject(6, Thread.State.NEW);
		assertThat(this.calls).extracting((call) -> String.valueOf(call.get(1)))
			.containsExactly("0 mons 0 days -0.500000 seconds", "14 mons 3 days 0.000000 seconds", "1970-01-01T00:00Z",
					"2026-01-01T00:00+05:00", "0:0:0:0:0:0:0:1", "NEW");
	}

	@Test
	void valuesThatBindThemselvesDoSoWhateverTypeTheCallerGives() throws SQLException {
		this.statement.setObject(1, Jsonb.of("{}"), Types.OTHER);
		this.statement.setObject(2, new Interval(1, 0, 0), Types.VARCHAR);
		assertThat(this.calls).allSatisfy((call) -> assertThat(call).hasSize(2));
		assertThat(this.calls).extracting((call) -> ((PGobject) call.get(1)).getType())
			.containsExactly("jsonb", "interval");
	}

	@Test
	void nullIsTheDrivers() throws SQLException {
		this.statement.setObject(1, null);
		assertThat(this.calls).containsExactly(Arrays.asList(1, null));
	}

}
