package io.github.crdbspring.type;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

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
		conversions.addConverter(Timestamp.class, ZonedDateTime.class,
				(timestamp) -> timestamp.toInstant().atZone(ZoneOffset.UTC));
		conversions.addConverter(new PgObjectConverter(mapper));
		conversions.addConverter(new SqlArrayConverter(conversions));
	}

}
