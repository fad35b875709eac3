package io.github.crdbspring.transaction;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The time in the past as of which a transaction reads ({@code AS OF SYSTEM TIME}). Such
 * a transaction is read-only and does not conflict with writers.
 * <p>
 * The clause takes no placeholders, so what {@link #toSql()} returns is rendered from
 * parsed values only, never from a text that was passed in. Immutable.
 *
 * @since 0.1.0
 * @see <a href="https://www.cockroachlabs.com/docs/stable/as-of-system-time">CockroachDB:
 * AS OF SYSTEM TIME</a>
 */
public final class SystemTime {

	private static final SystemTime FOLLOWER_READ = new SystemTime("follower_read_timestamp()");

	private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSxxx")
		.withZone(ZoneOffset.UTC);

	// The server's clock may be ahead of ours
	private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(1);

	private static final Instant EARLIEST = Instant.EPOCH.plus(1, ChronoUnit.MICROS);

	private static final int MAX_HLC_FRACTION_DIGITS = 10;

	// The server keeps the logical part in 32 bits
	private static final BigDecimal MAX_HLC_FRACTION = BigDecimal.valueOf(Integer.MAX_VALUE, MAX_HLC_FRACTION_DIGITS);

	private static final BigDecimal MAX_HLC = BigDecimal.valueOf(Long.MAX_VALUE);

	private final String sql;

	private SystemTime(String sql) {
		this.sql = sql;
	}

	/**
	 * The given time before the transaction's start.
	 * @param age how long ago, at least a microsecond, and not before 1970
	 * @return the system time
	 */
	public static SystemTime ago(Duration age) {
		Assert.notNull(age, "'age' must not be null");
		Assert.isTrue(age.compareTo(Duration.of(1, ChronoUnit.MICROS)) >= 0,
				() -> "System time must lie at least a microsecond in the past, but its age is " + age);
		// The server counts nanoseconds in 64 bits; an older time would wrap round to a
		// recent one
		Assert.isTrue(age.compareTo(Duration.between(Instant.EPOCH, Instant.now())) < 0,
				() -> "System time must be after 1970, but its age is " + age);
		if (age.getNano() == 0) {
			return new SystemTime("'-" + age.toSeconds() + "s'");
		}
		long micros = age.toSeconds() * 1_000_000 + age.getNano() / 1_000;
		return new SystemTime((micros % 1_000 == 0) ? "'-" + micros / 1_000 + "ms'" : "'-" + micros + "us'");
	}

	/**
	 * A point in time, to the microsecond.
	 * @param instant the time, not in the future
	 * @return the system time
	 */
	public static SystemTime at(Instant instant) {
		Assert.notNull(instant, "'instant' must not be null");
		Assert.isTrue(!instant.isBefore(EARLIEST), () -> "System time must be after 1970, but is " + instant);
		Assert.isTrue(!isFuture(instant), () -> "System time must not lie in the future, but is " + instant);
		return new SystemTime("'" + TIMESTAMP.format(instant.truncatedTo(ChronoUnit.MICROS)) + "'");
	}

	/**
	 * The latest time that the nearest replica can most probably serve.
	 * @return the system time
	 * @see <a href=
	 * "https://www.cockroachlabs.com/docs/stable/follower-reads">CockroachDB: Follower
	 * Reads</a>
	 */
	public static SystemTime followerRead() {
		return FOLLOWER_READ;
	}

	/**
	 * A timestamp of the server's hybrid logical clock, as
	 * {@code cluster_logical_timestamp()} returns it: nanoseconds since the epoch, and a
	 * logical part after the decimal point.
	 * @param timestamp the timestamp, not in the future
	 * @return the system time
	 */
	public static SystemTime hlc(BigDecimal timestamp) {
		Assert.notNull(timestamp, "'timestamp' must not be null");
		Assert.isTrue(timestamp.signum() > 0 && timestamp.compareTo(MAX_HLC) < 0,
				() -> "System time must be nanoseconds since 1970, but is " + timestamp);
		Assert.isTrue(timestamp.scale() <= MAX_HLC_FRACTION_DIGITS, () -> "System time must have at most "
				+ MAX_HLC_FRACTION_DIGITS + " fraction digits, but is " + timestamp);
		long nanos = timestamp.longValue();
		Assert.isTrue(timestamp.subtract(BigDecimal.valueOf(nanos)).compareTo(MAX_HLC_FRACTION) <= 0,
				() -> "System time must have a logical part of at most " + MAX_HLC_FRACTION + ", but is " + timestamp);
		Instant instant = Instant.ofEpochSecond(0, nanos);
		Assert.isTrue(!isFuture(instant),
				() -> "System time must not lie in the future, but is " + timestamp + " (" + instant + ")");
		return new SystemTime(timestamp.toPlainString());
	}

	/**
	 * Parse a system time: a negative interval ({@code -10s}, {@code -1m30s},
	 * {@code -500ms}, {@code -PT10S}), an ISO-8601 or SQL timestamp (UTC if it has no
	 * zone), nanoseconds since the epoch, a timestamp of the hybrid logical clock, or
	 * {@code follower_read_timestamp()}.
	 * @param text the text
	 * @return the system time
	 * @throws IllegalArgumentException if the text is none of these, or lies in the
	 * future
	 */
	public static SystemTime parse(String text) {
		return SystemTimeParser.parse(text);
	}

	/**
	 * Return the expression that follows {@code AS OF SYSTEM TIME}.
	 * @return a SQL expression
	 */
	public String toSql() {
		return this.sql;
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof SystemTime other && this.sql.equals(other.sql);
	}

	@Override
	public int hashCode() {
		return this.sql.hashCode();
	}

	@Override
	public String toString() {
		return this.sql;
	}

	private static boolean isFuture(Instant instant) {
		return instant.isAfter(Instant.now().plus(CLOCK_DIFFERENCE));
	}

}
