package io.github.crdbspring.type;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.TimeZone;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.jdbc.TimestampUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ElementTypes}: an element of an array is written as the driver writes
 * a parameter.
 */
class ElementTypesTests {

	private final TimestampUtils driver = new TimestampUtils(true, TimeZone::getDefault);

	static Stream<Object> timesAtTheEdge() {
		return Stream.of(LocalTime.MAX, LocalTime.of(23, 59, 59, 999_999_501), LocalTime.of(23, 59, 59, 999_999_499),
				OffsetTime.of(LocalTime.MAX, ZoneOffset.ofHours(5)), LocalDate.MAX, LocalDate.MIN,
				LocalDate.of(-4712, 1, 1), LocalDate.of(-4713, 12, 31), LocalDateTime.MAX, LocalDateTime.MIN,
				LocalDateTime.of(2026, 12, 31, 23, 59, 59, 123_456_700), OffsetDateTime.MAX, OffsetDateTime.MIN);
	}

	@ParameterizedTest
	@MethodSource("timesAtTheEdge")
	void anElementIsWrittenAsAParameterIs(Object time) {
		assertThat(ElementTypes.render(time)).matches(driversText(time) + "(:00)?");
	}

	@ParameterizedTest
	@MethodSource("instants")
	void anInstantBeyondAllDatesIsInfinite(Instant instant, String text) {
		assertThat(ElementTypes.render(instant)).isEqualTo(text);
	}

	static Stream<Arguments> instants() {
		return Stream.of(Arguments.of(Instant.MAX, "infinity"), Arguments.of(Instant.MIN, "-infinity"),
				Arguments.of(Instant.EPOCH, "1970-01-01 00:00:00.000000+00:00"));
	}

	private String driversText(Object time) {
		String text;
		if (time instanceof LocalTime localTime) {
			text = this.driver.toString(localTime);
		}
		else if (time instanceof OffsetTime offsetTime) {
			text = this.driver.toString(offsetTime);
		}
		else if (time instanceof LocalDate date) {
			text = this.driver.toString(date);
		}
		else {
			text = (time instanceof OffsetDateTime moment) ? this.driver.toString(moment)
					: this.driver.toString((LocalDateTime) time);
		}
		return text.replace("+", "\\+");
	}

}
