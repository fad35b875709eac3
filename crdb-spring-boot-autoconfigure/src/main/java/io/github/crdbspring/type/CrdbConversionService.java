package io.github.crdbspring.type;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.TimeZone;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;

import org.springframework.core.convert.support.ConfigurableConversionService;
import org.springframework.core.convert.support.DefaultConversionService;

/**
 * Spring's default conversions, and those of what the driver reads from CockroachDB:
 * {@code JSONB} to {@link Jsonb} and to whatever the {@link JsonbMapper} reads, arrays to
 * collections and arrays, {@code INTERVAL} to {@link Interval}, {@link Duration} and
 * {@link Period}, and {@code INET} to {@link Inet} and {@link java.net.InetAddress}. The
 * auto-configured {@code JdbcClient} uses one.
 *
 * @since 0.1.0
 */
public class CrdbConversionService extends DefaultConversionService {

	private static final Timestamp FIRST_GREGORIAN = Timestamp.from(Instant.parse("1582-10-15T00:00:00Z"));

	/**
	 * Create a new conversion service.
	 * @param mapper reads JSON, {@code null} for {@link Jsonb} alone
	 */
	public CrdbConversionService(@Nullable JsonbMapper mapper) {
		addConverters(this, mapper);
	}

	/**
	 * Add the conversions of what the driver reads.
	 * @param conversions where to
	 * @param mapper reads JSON, {@code null} for {@link Jsonb} alone
	 */
	public static void addConverters(ConfigurableConversionService conversions, @Nullable JsonbMapper mapper) {
		conversions.addConverter(PGInterval.class, Interval.class, Interval::of);
		conversions.addConverter(PGInterval.class, Duration.class, (interval) -> Interval.of(interval).toDuration());
		conversions.addConverter(PGInterval.class, Period.class, (interval) -> Interval.of(interval).toPeriod());
		conversions.addConverter(Timestamp.class, Instant.class, CrdbConversionService::instant);
		conversions.addConverter(Timestamp.class, ZonedDateTime.class,
				(timestamp) -> instant(timestamp).atZone(ZoneOffset.UTC));
		conversions.addConverter(new PgObjectConverter(mapper));
		conversions.addConverter(new SqlArrayConverter(conversions));
	}

	/**
	 * A {@link Timestamp} counts the days before October 15th, 1582, by the Julian
	 * calendar; the server and {@code java.time} have the Gregorian one at all times.
	 */
	private static Instant instant(Timestamp timestamp) {
		if (!timestamp.before(FIRST_GREGORIAN)) {
			return timestamp.toInstant();
		}
		GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone(ZoneOffset.UTC));
		calendar.setTime(timestamp);
		int year = calendar.get(Calendar.YEAR);
		return LocalDateTime
			.of((calendar.get(Calendar.ERA) == GregorianCalendar.BC) ? 1 - year : year,
					calendar.get(Calendar.MONTH) + 1, calendar.get(Calendar.DAY_OF_MONTH),
					calendar.get(Calendar.HOUR_OF_DAY), calendar.get(Calendar.MINUTE), calendar.get(Calendar.SECOND),
					timestamp.getNanos())
			.toInstant(ZoneOffset.UTC);
	}

}
