package io.github.crdbspring.type;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for values of one type through {@code JdbcClient}: what is written is read.
 */
@DatabaseTest
class ScalarTypesTests {

	private static TestDatabase database;

	private static TypesTable table;

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		table = new TypesTable(testDatabase);
	}

	static Stream<Arguments> values() throws UnknownHostException {
		return Stream.of(Arguments.of("INT8", Long.MAX_VALUE), Arguments.of("INT8", Long.MIN_VALUE),
				Arguments.of("INT4", Integer.MAX_VALUE), Arguments.of("INT2", Short.MIN_VALUE),
				Arguments.of("INT8", BigInteger.TWO.pow(62)), Arguments.of("DECIMAL(20,4)", new BigDecimal("1.5000")),
				Arguments.of("DECIMAL",
						new BigDecimal("-1234567890123456789012345678901234567890.1234567890123456789")),
				Arguments.of("FLOAT8", Math.PI), Arguments.of("FLOAT8", Double.MIN_VALUE),
				Arguments.of("FLOAT8", Double.MAX_VALUE), Arguments.of("FLOAT8", Double.NaN),
				Arguments.of("FLOAT4", 1.1f), Arguments.of("BOOL", true), Arguments.of("VARCHAR", "aä😀'\"\\\n"),
				Arguments.of("BYTEA", new byte[] { 0, 1, -1 }), Arguments.of("UUID", UUID.randomUUID()),
				Arguments.of("DATE", LocalDate.of(2024, 2, 29)), Arguments.of("DATE", LocalDate.of(1, 1, 1)),
				Arguments.of("DATE", LocalDate.of(-100, 3, 1)), Arguments.of("DATE", LocalDate.of(20000, 1, 1)),
				Arguments.of("TIME", LocalTime.of(1, 2, 3, 123456000)),
				Arguments.of("TIMETZ", OffsetTime.of(1, 2, 3, 123456000, ZoneOffset.ofHours(-5))),
				Arguments.of("TIMESTAMP", LocalDateTime.of(2026, 3, 29, 2, 30, 0, 123456000)),
				Arguments.of("TIMESTAMP", LocalDateTime.of(-100, 3, 1, 2, 30)),
				Arguments.of("TIMESTAMPTZ", OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC)),
				Arguments.of("TIMESTAMPTZ", Instant.parse("2026-03-29T02:30:00.123456Z")),
				Arguments.of("TIMESTAMPTZ", Instant.parse("1582-10-15T00:00:00Z")),
				Arguments.of("TIMESTAMPTZ", Instant.parse("1582-10-04T23:59:59.999999Z")),
				Arguments.of("TIMESTAMPTZ", Instant.parse("1500-02-28T12:30:00.5Z")),
				Arguments.of("TIMESTAMPTZ", Instant.parse("0001-01-01T00:00:00Z")),
				Arguments.of("TIMESTAMPTZ",
						ZonedDateTime.parse("1066-10-14T09:00:00Z").withZoneSameInstant(ZoneOffset.UTC)),
				Arguments.of("TIMESTAMPTZ", ZonedDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC)),
				Arguments.of("INTERVAL", Duration.ofMinutes(5)), Arguments.of("INTERVAL", Duration.ofNanos(-1000)),
				Arguments.of("INTERVAL", Duration.ofSeconds(-90061, 500_000_000)),
				Arguments.of("INTERVAL", Duration.ofDays(36500).plusNanos(1000)),
				Arguments.of("INTERVAL", Duration.ZERO), Arguments.of("INTERVAL", Period.of(1, 2, 3)),
				Arguments.of("INTERVAL", Period.of(-1, -2, 3)), Arguments.of("INTERVAL", new Interval(-14, 3, -1)),
				Arguments.of("INTERVAL", new Interval(1, -2, 3_500_000)),
				Arguments.of("INET", Inet.parse("10.0.0.1/24")), Arguments.of("INET", Inet.parse("2001:db8::1/64")),
				Arguments.of("INET", InetAddress.getByName("10.0.0.1")),
				Arguments.of("INET", InetAddress.getByName("::1")), Arguments.of("mood", Mood.HAPPY),
				Arguments.of("VARCHAR", Mood.SAD), Arguments.of("JSONB", Jsonb.of("[1, 2]")));
	}

	@ParameterizedTest
	@MethodSource("values")
	void whatIsWrittenIsRead(String columnType, Object value) {
		assertThat((Object) table.roundTrip(columnType, value, type(value))).isEqualTo(value);
	}

	@ParameterizedTest
	@MethodSource("values")
	void nullIsNull(String columnType, Object value) {
		assertThat((Object) table.roundTrip(columnType, null, type(value))).isNull();
	}

	@Test
	void aTimestampWithZoneIsAPointInTime() {
		OffsetDateTime there = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 0, ZoneOffset.ofHours(5));
		assertThat(table.roundTrip("TIMESTAMPTZ", there, OffsetDateTime.class))
			.isEqualTo(there.withOffsetSameInstant(ZoneOffset.UTC));
		ZonedDateTime tokyo = ZonedDateTime.of(2026, 3, 29, 2, 30, 0, 0, ZoneId.of("Asia/Tokyo"));
		assertThat(table.roundTrip("TIMESTAMPTZ", tokyo, Instant.class)).isEqualTo(tokyo.toInstant());
	}

	@Test
	void nanosecondsAreRounded() {
		assertThat(table.roundTrip("TIMESTAMP", LocalDateTime.of(2026, 1, 1, 0, 0, 0, 1500), LocalDateTime.class))
			.isEqualTo(LocalDateTime.of(2026, 1, 1, 0, 0, 0, 2000));
		assertThat(table.roundTrip("INTERVAL", Duration.ofNanos(1500), Duration.class))
			.isEqualTo(Duration.ofNanos(2000));
	}

	@ParameterizedTest
	@CsvSource({ "Infinity", "-Infinity" })
	void infinityIsReadUnlessTheServerWritesItItsOwnWay(double value) {
		boolean unreadable = database.isCockroach() && !database.serverInfo().version().isAtLeast(21, 2);
		if (unreadable) {
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> table.roundTrip("FLOAT8", value, Double.class))
				.withMessageContaining("Inf");
			return;
		}
		assertThat(table.roundTrip("FLOAT8", value, Double.class)).isEqualTo(value);
	}

	@Test
	void nothingOfAnIntervalIsLostSilently() {
		Interval mixed = new Interval(1, 2, 3);
		assertThatException().isThrownBy(() -> table.roundTrip("INTERVAL", mixed, Duration.class))
			.withStackTraceContaining("no java.time.Duration");
		assertThatException().isThrownBy(() -> table.roundTrip("INTERVAL", mixed, Period.class))
			.withStackTraceContaining("no java.time.Period");
		assertThatException().isThrownBy(() -> table.roundTrip("INTERVAL", Duration.ofDays(365 * 300), Interval.class))
			.withStackTraceContaining("292 years");
	}

	@Test
	void parametersAreBoundInConditionsToo() {
		assertThat(table.jdbc()
			.sql("SELECT now() - CAST(? AS INTERVAL) < now()")
			.param(Duration.ofMinutes(5))
			.query(Boolean.class)
			.single()).isTrue();
		assertThat(
				table.jdbc().sql("SELECT now() + ? > now()").param(Duration.ofMinutes(5)).query(Boolean.class).single())
			.isTrue();
		assertThat(table.jdbc().sql("SELECT 'SAD' = :mood").param("mood", Mood.SAD).query(Boolean.class).single())
			.isTrue();
	}

	@Test
	void whatTheServerCannotReadIsItsError() {
		assertThatException().isThrownBy(() -> table.roundTrip("JSONB", Jsonb.of("{bad"), Jsonb.class))
			.havingRootCause()
			.withMessageMatching("(?s).*(JSON|json).*");
	}

	private static Class<?> type(Object value) {
		return (value instanceof InetAddress) ? InetAddress.class : value.getClass();
	}

	/**
	 * An enum of the server's.
	 */
	enum Mood {

		SAD, HAPPY

	}

}
