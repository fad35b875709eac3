package io.github.crdbspring.transaction;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link SystemTimeParser}.
 */
class SystemTimeParserTests {

	/**
	 * Everything that may ever follow {@code AS OF SYSTEM TIME}.
	 */
	private static final Pattern SQL = Pattern.compile(
			"'-[1-9][0-9]*(s|ms|us)'" + "|'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}\\+00:00'"
					+ "|[0-9]{1,19}(\\.[0-9]{1,10})?|follower_read_timestamp\\(\\)");

	private static final String[] INJECTIONS = { "-1s'; DROP TABLE x", "-1s'; DROP TABLE x; --", "-1s'--", "-1s--",
			"-1s/**/", "-1s/*", "/* */-1s", "-1s;", "'-1s'", "\"-1s\"", "'-1s", "-1s'", "-1s\\'", "-1s''",
			"-1s, READ WRITE", "-1s' PRIORITY HIGH", "follower_read_timestamp(); DROP TABLE x",
			"follower_read_timestamp()--", "follower_read_timestamp() + '1s'", "(SELECT 1)", "1 OR 1=1",
			"1; DROP TABLE x", "1--", "1e18", "0x10", "1_000", "\u2018-1s\u2019", "-1s\u02BC; DROP TABLE x",
			"-1s\uFF07", "\u22121s", "\u20111s", "\uFF0D1s", "-\u0661s", "-\uFF11s", "\u0661\u0662", "\uFF11",
			"-1\u017F", "2026-01-3\u0661T08:00:00Z", "-1s\u0000", "\u0000-1s", "-1\u0000s", "-1s\u0000'", "1\u0000",
			"-1s\n", "\n-1s", "-1s\r", "-1s\r\n", "1\n", "-1s\u2028", "-1s\u0085", "2026-01-31T08:00:00Z\n",
			"follower_read_timestamp()\n" };

	private static final String[] SEEDS = { "-10s", "-1m30s", "-500ms", "-1h2m3.5s6ms7us", "-PT10S", "-P1DT2H3M4.5S",
			"2026-01-31T08:00:00.123456Z", "2026-01-31 08:00:00+01:00", "1600000000000000000",
			"1600000000000000000.0000000002", "follower_read_timestamp()", "with_max_staleness('10s')", "'", "--",
			";" };

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			-10s,                 '-10s'
			-1m30s,               '-90s'
			-500ms,               '-500ms'
			-1500ms,              '-1500ms'
			-1h,                  '-3600s'
			-4h30m,               '-16200s'
			-90m,                 '-5400s'
			-1h1m1s1ms1us,        '-3661001001us'
			-1.5s,                '-1500ms'
			-0.000001s,           '-1us'
			-1us,                 '-1us'
			-2000us,              '-2ms'
			-007s,                '-7s'
			-0h0m1s,              '-1s'
			-PT10S,               '-10s'
			-PT1M30S,             '-90s'
			-PT0.5S,              '-500ms'
			-P1D,                 '-86400s'
			-P1DT1H,              '-90000s'
			follower_read_timestamp(), follower_read_timestamp()
			""")
	void parsesIntervals(String text, String sql) {
		assertThat(SystemTime.parse(text).toSql()).isEqualTo(sql);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			2026-01-31T08:00:00Z,                '2026-01-31 08:00:00.000000+00:00'
			2026-01-31T08:00:00,                 '2026-01-31 08:00:00.000000+00:00'
			2026-01-31 08:00:00,                 '2026-01-31 08:00:00.000000+00:00'
			2026-01-31 08:00,                    '2026-01-31 08:00:00.000000+00:00'
			2026-01-31 08:00:00 UTC,             '2026-01-31 08:00:00.000000+00:00'
			2026-01-31 08:00:00.5,               '2026-01-31 08:00:00.500000+00:00'
			2026-01-31T08:00:00.123456789Z,      '2026-01-31 08:00:00.123456+00:00'
			2026-01-31T08:00:00.1234569+00:00,   '2026-01-31 08:00:00.123456+00:00'
			2026-01-31T08:00:00+01:00,           '2026-01-31 07:00:00.000000+00:00'
			2026-01-31T08:00:00+0530,            '2026-01-31 02:30:00.000000+00:00'
			2026-01-31 08:00:00-08,              '2026-01-31 16:00:00.000000+00:00'
			2025-12-31T23:30:00-01:00,           '2026-01-01 00:30:00.000000+00:00'
			2024-02-29T00:00:00Z,                '2024-02-29 00:00:00.000000+00:00'
			1,                                   1
			1451635200000000000,                 1451635200000000000
			0001451635200000000,                 1451635200000000
			1451635200000000000.0,               1451635200000000000.0
			1451635200000000000.0000000002,      1451635200000000000.0000000002
			""")
	void parsesPointsInTime(String text, String sql) {
		assertThat(SystemTime.parse(text).toSql()).isEqualTo(sql);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "-", "+", "-s", "-h", "-ms", "-1", "1s", "+1s", "10s", "1h", "PT10S", "+PT10S",
			"--10s", "-+10s", "-0s", "-0ms", "-0us", "-0h0m0s", "-PT0S", "-P0D", "-PT-10S", "-PT", "-P", "-P1Y", "-P1M",
			"-P1W", "-PTT", "-PT.S", "-1s1m", "-1s1s", "-1S", "-1H", "-1d", "-1w", "-1y", "-1ns", "-0.0000001s", "-1.s",
			"-.5s", "-1,5s", "-1e3s", "-99999999999s", "-9999999h", "-PT999999999999999999H", "0", "0.0", "-0", "00",
			"1.", ".1", "1.12345678901", "+1", "1e18", "99999999999999999999", "NaN", "Infinity", "now()", "NOW()",
			"current_timestamp", "now() - INTERVAL '10s'", "INTERVAL '-10s'", "cluster_logical_timestamp()", "today",
			"yesterday", "epoch", "garbage", "null", "follower_read_timestamp", "follower_read_timestamp( )",
			"FOLLOWER_READ_TIMESTAMP()", "experimental_follower_read_timestamp()", "#{T(java.lang.Runtime)}", "${x}" })
	void anythingElseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(text))
			.withMessageStartingWith("System time ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "2026-01-31", "08:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
			"2025-02-29T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z",
			"2026-01-31T08:00:61Z", "2026-01-31T08:00:00.Z", "2026-01-31T08:00:00.1234567890Z", "2026-1-1T8:00:00Z",
			"2026-01-31T08:00:00+19:00", "2026-01-31T08:00:00+1", "2026-01-31T08:00:00 CET",
			"2026-01-31T08:00:00[Europe/Berlin]", "2026-01-31  08:00:00", "2026-01-31t08:00:00z", "20260131T080000Z",
			"+2026-01-31T08:00:00Z", "-2026-01-31T08:00:00Z", "12026-01-31T08:00:00Z", "0001-01-01T00:00:00Z",
			"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-01-01T00:30:00+01:00", "9999-12-31T23:59:59Z" })
	void timestampsThatAreMalformedOrOutOfRangeAreRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(text))
			.withMessageStartingWith("System time ");
	}

	@Test
	void theFutureIsRefused() {
		Instant future = Instant.now().plusSeconds(60);
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(future.toString()))
			.withMessageContaining("future");
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(future.getEpochSecond() + "000000000"))
			.withMessageContaining("future");
	}

	@ParameterizedTest
	@ValueSource(strings = { "with_max_staleness('10s')", "with_max_staleness('10s', true)",
			"with_min_timestamp('2026-01-31')", "with_min_timestamp(now())" })
	void boundedStalenessIsRefusedWithTheReason(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(text))
			.withMessageContaining("bounded staleness is for single statements only, not for transactions");
	}

	@ParameterizedTest
	@ValueSource(strings = { " -10s", "-10s ", "-10 s", "- 10s", "\t-10s", "\u00A0-10s", " 1", "1 ",
			" 2026-01-31T08:00:00Z", " follower_read_timestamp()" })
	void whitespaceIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(text));
	}

	@ParameterizedTest
	@FieldSource("INJECTIONS")
	void injectedSqlIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse(text));
	}

	@Test
	void aLongTextIsRefusedWithoutBeingRepeated() {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTime.parse("-" + "0".repeat(1_000_000) + "1s"))
			.withMessage("System time must have at most 64 characters, but has 1000003");
	}

	@Test
	void whateverIsPutInOnlyKnownFormsComeOut() {
		Random random = new Random(20260131);
		int accepted = 0;
		for (int i = 0; i < 200_000; i++) {
			String text = mutate(SEEDS[random.nextInt(SEEDS.length)], random);
			try {
				assertThat(SystemTime.parse(text).toSql()).as(text).matches(SQL);
				accepted++;
			}
			catch (IllegalArgumentException ex) {
				assertThat(ex).hasMessageStartingWith("System time ");
			}
		}
		assertThat(accepted).isBetween(10_000, 190_000);
	}

	@Test
	void agesSurviveTheWayThroughTheirText() {
		Random random = new Random(20260131);
		for (int i = 0; i < 1_000; i++) {
			Duration age = Duration.ofNanos(random.nextLong(1_000, 1_000_000_000_000_000_000L));
			SystemTime systemTime = SystemTime.ago(age);
			assertThat(SystemTime.parse("-" + age)).isEqualTo(systemTime);
			assertThat(SystemTime.parse(systemTime.toSql().replace("'", ""))).isEqualTo(systemTime);
		}
	}

	private static String mutate(String seed, Random random) {
		String alphabet = "0123456789-+.:'\";()hmsuTZPD _\u0000\n\u0661\u2019\uFF11";
		StringBuilder text = new StringBuilder(seed);
		for (int i = random.nextInt(3); i >= 0; i--) {
			int position = random.nextInt(text.length() + 1);
			char character = alphabet.charAt(random.nextInt(alphabet.length()));
			switch (random.nextInt(4)) {
				case 0 -> text.insert(position, character);
				case 1 -> text.replace(position, Math.min(position + 1, text.length()), String.valueOf(character));
				case 2 -> text.delete(position, Math.min(position + 1, text.length()));
				default -> text.insert(position, SEEDS[random.nextInt(SEEDS.length)]);
			}
		}
		return text.toString();
	}

}
