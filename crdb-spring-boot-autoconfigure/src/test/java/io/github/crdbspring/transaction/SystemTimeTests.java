package io.github.crdbspring.transaction;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link SystemTime}.
 */
class SystemTimeTests {

	private static final Instant INSTANT = Instant.parse("2026-01-31T08:00:00.123456789Z");

	private static final BigInteger NANOS = BigInteger.valueOf(1_600_000_000_000_000_000L);

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			PT10S,           '-10s'
			PT1M30S,         '-90s'
			PT0.5S,          '-500ms'
			PT1.5S,          '-1500ms'
			PT0.000001S,     '-1us'
			PT0.0010005S,    '-1ms'
			PT0.0015S,       '-1500us'
			PT1.000001S,     '-1000001us'
			PT0.000001999S,  '-1us'
			P365D,           '-31536000s'
			""")
	void anAgeIsRenderedInTheLargestUnitThatHoldsIt(Duration age, String sql) {
		assertThat(SystemTime.ago(age).toSql()).isEqualTo(sql);
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT-1S", "PT0.000000999S", "PT-0.000001S", "P-1D" })
	void anAgeBelowAMicrosecondIsRefused(Duration age) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.ago(age))
			.withMessage("System time must lie at least a microsecond in the past, but its age is " + age);
	}

	@Test
	void anAgeMayReachBackTo1970ButNotFurther() {
		Duration since1970 = Duration.between(Instant.EPOCH, Instant.now());
		assertThat(SystemTime.ago(since1970.minusDays(1)).toSql()).startsWith("'-");
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.ago(since1970.plusDays(1)));
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.ago(Duration.ofSeconds(Long.MAX_VALUE)));
	}

	@Test
	void anAgeThatTheServerWouldTakeForAFewSecondsIsRefused() {
		// 2^64 nanoseconds, at which the server's arithmetic starts again from zero
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.ago(Duration.ofSeconds(18_446_744_073L + 10)));
	}

	@Test
	void aPointInTimeIsRenderedInUtcToTheMicrosecond() {
		assertThat(SystemTime.at(INSTANT).toSql()).isEqualTo("'2026-01-31 08:00:00.123456+00:00'");
		assertThat(SystemTime.at(Instant.EPOCH.plus(1, ChronoUnit.MICROS)).toSql())
			.isEqualTo("'1970-01-01 00:00:00.000001+00:00'");
	}

	@Test
	void aPointInTimeMustNotLieInTheFutureButForADifferenceOfClocks() {
		assertThat(SystemTime.at(Instant.now().plusMillis(500)).toSql()).startsWith("'20");
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.at(Instant.now().plusSeconds(60)))
			.withMessageStartingWith("System time must not lie in the future, but is ");
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.at(Instant.MAX));
	}

	@Test
	void aPointInTimeBefore1970IsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.at(Instant.EPOCH))
			.withMessage("System time must be after 1970, but is 1970-01-01T00:00:00Z");
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.at(Instant.EPOCH.plusNanos(999)));
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.at(Instant.MIN));
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "1600000000000000000", "1600000000000000000.0000000002",
			"1600000000000000000.2147483647", "0.0000000001" })
	void aTimestampOfTheLogicalClockIsRenderedAsItIs(String timestamp) {
		assertThat(SystemTime.hlc(new BigDecimal(timestamp)).toSql()).isEqualTo(timestamp);
	}

	@Test
	void aTimestampOfTheLogicalClockIsNeverRenderedWithAnExponent() {
		assertThat(SystemTime.hlc(new BigDecimal("16E17")).toSql()).isEqualTo("1600000000000000000");
		assertThat(SystemTime.hlc(new BigDecimal("1E-10")).toSql()).isEqualTo("0.0000000001");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "0.0000000000", "-1", "-1600000000000000000", "1600000000000000000.00000000001",
			"9223372036854775807", "9999999999999999999", "10000000000000000000", "1E+400", "1E-400" })
	void aTimestampOfTheLogicalClockThatNoServerHasIsRefused(BigDecimal timestamp) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.hlc(timestamp));
	}

	@ParameterizedTest
	@ValueSource(strings = { "2147483648", "5", "9999999999" })
	void aLogicalPartThatTheServerCannotReadIsRefused(String fraction) {
		BigDecimal timestamp = new BigDecimal(NANOS + "." + fraction);
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.hlc(timestamp));
	}

	@ParameterizedTest
	@ValueSource(ints = { Integer.MIN_VALUE, Integer.MIN_VALUE + 1, -1_000_000, 1_000_000, Integer.MAX_VALUE })
	void aNumberOfExtremeScaleIsRefusedWithoutBeingWrittenOut(int scale) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.hlc(new BigDecimal(BigInteger.ONE, scale)));
	}

	@Test
	void aFollowerReadIsACallOfTheServersFunction() {
		assertThat(SystemTime.followerRead().toSql()).isEqualTo("follower_read_timestamp()");
		assertThat(SystemTime.followerRead()).hasToString("follower_read_timestamp()");
	}

	@Test
	void systemTimesThatReadTheSameAreEqual() {
		SystemTime systemTime = SystemTime.ago(Duration.ofSeconds(90));
		assertThat(systemTime).isEqualTo(SystemTime.parse("-1m30s"))
			.hasSameHashCodeAs(SystemTime.parse("-1m30s"))
			.isNotEqualTo(SystemTime.ago(Duration.ofSeconds(91)))
			.isNotEqualTo(SystemTime.followerRead())
			.isNotEqualTo("'-90s'")
			.isNotEqualTo(null);
		assertThat(SystemTime.hlc(new BigDecimal(NANOS))).isEqualTo(SystemTime.parse(NANOS.toString()));
		assertThat(SystemTime.at(INSTANT)).isEqualTo(SystemTime.parse("2026-01-31 08:00:00.123456"));
	}

}
