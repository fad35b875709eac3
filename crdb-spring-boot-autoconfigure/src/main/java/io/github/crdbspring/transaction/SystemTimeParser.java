package io.github.crdbspring.transaction;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Reads a {@link SystemTime} from a text. What matches none of the patterns is refused.
 */
final class SystemTimeParser {

	private static final int MAX_LENGTH = 64;

	private static final Pattern INTERVAL = Pattern
		.compile("-(?:([0-9]{1,7})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})(?:\\.([0-9]{1,6}))?s)?"
				+ "(?:([0-9]{1,12})ms)?(?:([0-9]{1,15})us)?");

	private static final Pattern ISO_INTERVAL = Pattern.compile("-P[0-9DTHMS.]{2,40}");

	private static final Pattern TIMESTAMP = Pattern
		.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,9})?)?)"
				+ " ?(Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?");

	private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}(?:\\.[0-9]{1,10})?");

	private SystemTimeParser() {
	}

	static SystemTime parse(String text) {
		Assert.notNull(text, "System time must not be null");
		Assert.isTrue(text.length() <= MAX_LENGTH,
				() -> "System time must have at most " + MAX_LENGTH + " characters, but has " + text.length());
		if (text.equals("follower_read_timestamp()")) {
			return SystemTime.followerRead();
		}
		Assert.isTrue(!text.startsWith("with_max_staleness") && !text.startsWith("with_min_timestamp"),
				() -> "System time '" + text + "' is not supported: bounded staleness is for single statements only, "
						+ "not for transactions; use follower_read_timestamp() or an interval such as -10s");
		if (NUMBER.matcher(text).matches()) {
			return SystemTime.hlc(new BigDecimal(text));
		}
		Duration age = parseAge(text);
		if (age != null) {
			return SystemTime.ago(age);
		}
		Instant instant = parseTimestamp(text);
		if (instant != null) {
			return SystemTime.at(instant);
		}
		throw new IllegalArgumentException("System time '" + text
				+ "' is not valid: use a negative interval such as -10s, a timestamp such as 2026-01-31T08:00:00Z, "
				+ "nanoseconds since the epoch, or follower_read_timestamp()");
	}

	private static @Nullable Duration parseAge(String text) {
		if (ISO_INTERVAL.matcher(text).matches()) {
			try {
				return Duration.parse(text.substring(1));
			}
			catch (DateTimeException ex) {
				return null;
			}
		}
		Matcher matcher = INTERVAL.matcher(text);
		if (text.equals("-") || !matcher.matches()) {
			return null;
		}
		return Duration.ofHours(number(matcher.group(1)))
			.plusMinutes(number(matcher.group(2)))
			.plusSeconds(number(matcher.group(3)))
			.plus(fraction(matcher.group(4)), ChronoUnit.MICROS)
			.plusMillis(number(matcher.group(5)))
			.plus(number(matcher.group(6)), ChronoUnit.MICROS);
	}

	private static long number(@Nullable String digits) {
		return (digits != null) ? Long.parseLong(digits) : 0;
	}

	private static long fraction(@Nullable String digits) {
		return (digits != null) ? Long.parseLong((digits + "00000").substring(0, 6)) : 0;
	}

	private static @Nullable Instant parseTimestamp(String text) {
		Matcher matcher = TIMESTAMP.matcher(text);
		if (!matcher.matches()) {
			return null;
		}
		String dateTime = matcher.group(1) + "T" + matcher.group(2);
		String zone = matcher.group(3);
		try {
			ZoneOffset offset = (zone == null || zone.equals("UTC")) ? ZoneOffset.UTC : ZoneOffset.of(zone);
			return OffsetDateTime.of(LocalDateTime.parse(dateTime), offset).toInstant();
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

}
