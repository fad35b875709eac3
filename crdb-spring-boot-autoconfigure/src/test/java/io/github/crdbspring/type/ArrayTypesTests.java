package io.github.crdbspring.type;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.type.ScalarTypesTests.Mood;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for arrays through {@code JdbcClient}.
 */
@DatabaseTest
class ArrayTypesTests {

	private static TestDatabase database;

	private static TypesTable table;

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		table = new TypesTable(testDatabase);
	}

	static Stream<Arguments> arrays() throws UnknownHostException {
		OffsetDateTime time = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC);
		return Stream.of(Arguments.of("VARCHAR", new String[] { "a", "b,c", null, "q\"x\\", "", "NULL", "{}", " ä😀" }),
				Arguments.of("INT8", new Long[] { Long.MIN_VALUE, null }), Arguments.of("INT8", new long[] { 1, 2 }),
				Arguments.of("INT4", new Integer[] { 1, -2 }), Arguments.of("INT4", new int[] { 1, -2 }),
				Arguments.of("INT2", new Short[] { 1, -2 }),
				Arguments.of("UUID", new UUID[] { UUID.randomUUID(), null }),
				Arguments.of("DECIMAL", new BigDecimal[] { new BigDecimal("1.50"), new BigDecimal("1e-30") }),
				Arguments.of("FLOAT8", new Double[] { 1.5, Double.NaN }),
				Arguments.of("BOOL", new Boolean[] { true, null }),
				Arguments.of("BYTEA", new byte[][] { { 0, -1 }, {} }),
				Arguments.of("DATE", new LocalDate[] { LocalDate.of(-100, 3, 1), LocalDate.of(20000, 1, 1) }),
				Arguments.of("TIME", new LocalTime[] { LocalTime.of(1, 2, 3, 123456000) }),
				Arguments.of("TIMETZ", new OffsetTime[] { OffsetTime.of(1, 2, 3, 123456000, ZoneOffset.ofHours(-5)) }),
				Arguments.of("TIMESTAMP", new LocalDateTime[] { time.toLocalDateTime(), null }),
				Arguments.of("TIMESTAMPTZ", new OffsetDateTime[] { time }),
				Arguments.of("TIMESTAMPTZ", new Instant[] { time.toInstant() }),
				Arguments.of("INTERVAL", new Duration[] { Duration.ofSeconds(-5, 1000), null }),
				Arguments.of("INTERVAL", new Period[] { Period.of(1, 2, -3) }),
				Arguments.of("INTERVAL", new Interval[] { new Interval(1, -2, 3) }),
				Arguments.of("INET", new InetAddress[] { InetAddress.getByName("10.0.0.1") }),
				Arguments.of("INET", new Inet[] { Inet.parse("2001:db8::1/64"), null }),
				Arguments.of("VARCHAR", new Mood[] { Mood.SAD, null }), Arguments.of("INT8", new Long[0]));
	}

	@ParameterizedTest
	@MethodSource("arrays")
	void whatIsWrittenIsRead(String elementType, Object array) {
		assertThat((Object) table.roundTrip(elementType + "[]", array, array.getClass())).isEqualTo(array);
	}

	@ParameterizedTest
	@MethodSource("arrays")
	void aCollectionIsWrittenAsSqlArray(String elementType, Object array) {
		if (array instanceof Object[] elements) {
			assertThat((Object) table.roundTrip(elementType + "[]", SqlArray.of(Arrays.asList(elements)),
					array.getClass()))
				.isEqualTo(array);
		}
	}

	@Test
	void nullIsNull() {
		assertThat(table.roundTrip("VARCHAR[]", null, String[].class)).isNull();
	}

	@Test
	void aRecordHasListsSetsAndArrays() {
		table.jdbc().sql("CREATE TABLE tagged (ids UUID[], times TIME[], moods VARCHAR[], counts INT8[])").update();
		Tagged tagged = new Tagged(List.of(UUID.randomUUID(), UUID.randomUUID()),
				new LinkedHashSet<>(List.of(LocalTime.of(1, 2, 3, 123456000), LocalTime.NOON)),
				List.of(Mood.HAPPY, Mood.SAD), new long[] { 1, 2 });
		table.jdbc()
			.sql("INSERT INTO tagged VALUES (?, ?, ?, ?)")
			.param(SqlArray.of(tagged.ids()))
			.param(SqlArray.of(tagged.times()))
			.param(SqlArray.of(tagged.moods()))
			.param(tagged.counts())
			.update();
		assertThat(table.jdbc().sql("SELECT * FROM tagged").query(Tagged.class).single()).usingRecursiveComparison()
			.isEqualTo(tagged);
		assertThat((Object) table.jdbc().sql("SELECT ids FROM tagged").query(List.class).single())
			.isEqualTo(tagged.ids());
		assertThat(table.jdbc()
			.sql("SELECT count(*) FROM tagged WHERE ids[1] = ANY(?)")
			.param(SqlArray.of(tagged.ids()))
			.query(Integer.class)
			.single()).isOne();
	}

	@Test
	void aCollectionGivenToANamedParameterIsAListOfParameters() {
		assertThat(table.jdbc().sql("SELECT 2 IN (:ids)").param("ids", List.of(1, 2)).query(Boolean.class).single())
			.isTrue();
	}

	@Test
	void aCollectionIsBoundByWhoeverHandsItThrough() throws SQLException {
		try (Connection connection = table.dataSource().getConnection();
				PreparedStatement statement = connection.prepareStatement("SELECT 2 = ANY(?)")) {
			statement.setObject(1, Set.of(1L, 2L));
			var result = statement.executeQuery();
			assertThat(result.next()).isTrue();
			assertThat(result.getBoolean(1)).isTrue();
		}
	}

	@Test
	void anArrayOfTheServersEnumsNeedsACast() {
		String sql = "SELECT CAST(CAST(? AS VARCHAR[]) AS mood[])";
		assertThat(table.jdbc().sql(sql).param(SqlArray.of(Mood.SAD, Mood.HAPPY)).query(Mood[].class).single())
			.containsExactly(Mood.SAD, Mood.HAPPY);
	}

	@Test
	void elementsMustBeOfOneKnownType() {
		assertThatIllegalArgumentException().isThrownBy(() -> SqlArray.of(1, "a"))
			.withMessageContaining("several types");
		assertThatIllegalArgumentException().isThrownBy(() -> SqlArray.of(new Object()))
			.withMessageContaining("SqlArray.ofType");
		assertThatIllegalArgumentException().isThrownBy(() -> SqlArray.ofType("text", List.of(List.of("a"))))
			.withMessageContaining("array of arrays");
		assertThat(table.roundTrip("INT8[]", SqlArray.ofType("int8", Arrays.asList(1, 2L, null)), Long[].class))
			.containsExactly(1L, 2L, null);
	}

	@Test
	@RequiresCockroach
	void multiDimensionalArraysAreRefused() throws SQLException {
		try (Connection connection = table.dataSource().getConnection();
				PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
			for (Object array : List.of(new int[][] { { 1 } }, new String[][] { { "a" } }, new byte[][][] { { { 1 } } },
					new Object[] { new int[] { 1 } })) {
				assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
					.isThrownBy(() -> statement.setObject(1, array))
					.withMessageContaining("no multi-dimensional arrays");
			}
			assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
				.isThrownBy(() -> connection.createArrayOf("int4", new Integer[][] { { 1 } }))
				.withMessageContaining("no multi-dimensional arrays");
		}
	}

	@Test
	void arraysOfJsonbAreRefusedWhereTheServerHasNone() throws SQLException {
		SqlArray array = SqlArray.of(Jsonb.of("{\"a\": 1}"));
		if (database.isCockroach()) {
			assertThatException()
				.isThrownBy(() -> table.jdbc().sql("SELECT CAST(? AS JSONB)").param(array).query(Jsonb.class).single())
				.withStackTraceContaining("no arrays of JSONB");
			try (Connection connection = table.dataSource().getConnection()) {
				assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
					.isThrownBy(() -> connection.createArrayOf("JSON", new String[] { "1" }));
			}
			return;
		}
		assertThat(table.roundTrip("JSONB[]", array, String[].class)).containsExactly("{\"a\": 1}");
	}

	private record Tagged(List<UUID> ids, Set<LocalTime> times, List<Mood> moods, long @Nullable [] counts) {

	}

}
