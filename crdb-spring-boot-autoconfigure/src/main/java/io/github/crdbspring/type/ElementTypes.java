package io.github.crdbspring.type;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.IsoEra;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAccessor;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What the elements of an array are in SQL: the name of their type, and their text.
 */
final class ElementTypes {

	/**
	 * Where the server has to find out the type.
	 */
	static final String INFERRED = "";

	private static final Map<Class<?>, String> NAMES = Map.ofEntries(Map.entry(Long.class, "int8"),
			Map.entry(Integer.class, "int4"), Map.entry(Short.class, "int2"), Map.entry(BigDecimal.class, "numeric"),
			Map.entry(BigInteger.class, "numeric"), Map.entry(Double.class, "float8"), Map.entry(Float.class, "float4"),
			Map.entry(Boolean.class, "bool"), Map.entry(String.class, "text"), Map.entry(byte[].class, "bytea"),
			Map.entry(UUID.class, "uuid"), Map.entry(LocalDate.class, "date"), Map.entry(LocalTime.class, "time"),
			Map.entry(OffsetTime.class, "timetz"), Map.entry(LocalDateTime.class, "timestamp"),
			Map.entry(OffsetDateTime.class, "timestamptz"), Map.entry(ZonedDateTime.class, "timestamptz"),
			Map.entry(Instant.class, "timestamptz"), Map.entry(Duration.class, "interval"),
			Map.entry(Period.class, "interval"), Map.entry(Interval.class, "interval"), Map.entry(Inet.class, "inet"),
			Map.entry(Jsonb.class, "jsonb"));

	private static final DateTimeFormatter DATE = new DateTimeFormatterBuilder()
		.appendValue(ChronoField.YEAR_OF_ERA, 4, 10, SignStyle.NEVER)
		.appendPattern("-MM-dd")
		.toFormatter();

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

	private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx");

	/**
	 * What is later would be rounded up beyond what there is.
	 */
	private static final LocalDateTime LATEST = LocalDateTime.MAX.minusNanos(500);

	/**
	 * The first day that PostgreSQL knows.
	 */
	private static final LocalDateTime EARLIEST = LocalDate.of(4713, 1, 1)
		.with(ChronoField.ERA, IsoEra.BCE.getValue())
		.atStartOfDay();

	private ElementTypes() {
	}

	/**
	 * Return the name of an element's type.
	 * @throws IllegalArgumentException if it is unknown
	 */
	static String nameFor(Object element) {
		if (element instanceof Enum) {
			return INFERRED;
		}
		if (element instanceof InetAddress) {
			return "inet";
		}
		String name = NAMES.get(element.getClass());
		if (name == null) {
			throw new IllegalArgumentException("It is unknown of which type in SQL an array of "
					+ element.getClass().getName() + " is. Name it: SqlArray.ofType(\"text\", …)");
		}
		return name;
	}

	/**
	 * Return an element as the server reads it.
	 */
	static @Nullable String render(@Nullable Object element) {
		if (element instanceof Enum<?> constant) {
			return constant.name();
		}
		if (element instanceof InetAddress address) {
			return Inet.of(address).toString();
		}
		if (element instanceof Duration duration) {
			return Interval.of(duration).toString();
		}
		if (element instanceof Period period) {
			return Interval.of(period).toString();
		}
		if (element instanceof Instant instant) {
			return temporalText(moment(instant));
		}
		if (element instanceof Temporal temporal) {
			return temporalText(temporal);
		}
		return (element != null) ? element.toString() : null;
	}

	/**
	 * An instant may lie beyond what a date can say.
	 */
	private static OffsetDateTime moment(Instant instant) {
		if (instant.isAfter(LATEST.toInstant(ZoneOffset.UTC))) {
			return OffsetDateTime.MAX;
		}
		return instant.isBefore(EARLIEST.toInstant(ZoneOffset.UTC)) ? OffsetDateTime.MIN
				: instant.atOffset(ZoneOffset.UTC);
	}

	/**
	 * As the driver does it with parameters: rounded to microseconds, and what lies
	 * beyond the server's times is infinite.
	 */
	private static String temporalText(Temporal temporal) {
		boolean time = temporal.isSupported(ChronoField.NANO_OF_SECOND);
		if (temporal.isSupported(ChronoField.EPOCH_DAY)) {
			LocalDateTime moment = LocalDate.from(temporal).atTime(time ? LocalTime.from(temporal) : LocalTime.MAX);
			if (moment.isAfter(LATEST)) {
				return "infinity";
			}
			if (moment.isBefore(EARLIEST)) {
				return "-infinity";
			}
		}
		else if (LocalTime.from(temporal).isAfter(LATEST.toLocalTime())) {
			return "24:00:00" + (temporal.isSupported(ChronoField.OFFSET_SECONDS) ? OFFSET.format(temporal) : "");
		}
		TemporalAccessor rounded = time ? temporal.plus(500, ChronoUnit.NANOS) : temporal;
		StringBuilder text = new StringBuilder();
		if (temporal.isSupported(ChronoField.EPOCH_DAY)) {
			DATE.formatTo(rounded, text);
		}
		if (time) {
			text.append(text.isEmpty() ? "" : " ");
			TIME.formatTo(rounded, text);
		}
		if (temporal.isSupported(ChronoField.OFFSET_SECONDS)) {
			OFFSET.formatTo(rounded, text);
		}
		boolean before = temporal.isSupported(ChronoField.ERA) && rounded.get(ChronoField.ERA) == IsoEra.BCE.getValue();
		return before ? text + " BC" : text.toString();
	}

}
