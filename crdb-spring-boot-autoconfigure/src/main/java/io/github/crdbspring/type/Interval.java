package io.github.crdbspring.type;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;

import org.postgresql.util.PGInterval;

import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;

/**
 * A value of type {@code INTERVAL}: months, days and microseconds, none of which can be
 * expressed by another. Usable as a parameter of a statement.
 *
 * @param months the months, 12 for a year
 * @param days the days
 * @param microseconds the rest, at most 292 years, which is what CockroachDB keeps
 * @since 0.1.0
 */
public record Interval(int months, int days, long microseconds) implements SqlValue {

	private static final long MICROS_PER_SECOND = 1_000_000;

	private static final long MAX_MICROS = Long.MAX_VALUE / 1000;

	/**
	 * Create an interval.
	 * @throws ArithmeticException if the microseconds are more than 292 years
	 */
	public Interval {
		if (microseconds > MAX_MICROS || microseconds < -MAX_MICROS) {
			throw new ArithmeticException(
					"An interval cannot have more than " + MAX_MICROS + " microseconds (292 years)");
		}
	}

	/**
	 * Make an interval without months and days.
	 * @param duration its length, which is rounded to microseconds
	 * @return the interval
	 * @throws ArithmeticException if it is longer than 292 years
	 */
	public static Interval of(Duration duration) {
		Assert.notNull(duration, "'duration' must not be null");
		return of(Period.ZERO, duration);
	}

	/**
	 * Make an interval of months and days.
	 * @param period years, months and days
	 * @return the interval
	 */
	public static Interval of(Period period) {
		return of(period, Duration.ZERO);
	}

	/**
	 * Make an interval of both.
	 * @param period years, months and days
	 * @param duration the rest, which is rounded to microseconds
	 * @return the interval
	 * @throws ArithmeticException if the duration is longer than 292 years
	 */
	public static Interval of(Period period, Duration duration) {
		Assert.notNull(period, "'period' must not be null");
		Assert.notNull(duration, "'duration' must not be null");
		long micros = Math.addExact(Math.multiplyExact(duration.getSeconds(), MICROS_PER_SECOND),
				(duration.getNano() + 500) / 1000);
		return new Interval(Math.toIntExact(period.toTotalMonths()), period.getDays(), micros);
	}

	static Interval of(PGInterval interval) {
		long minutes = interval.getHours() * 60L + interval.getMinutes();
		long seconds = minutes * 60 + interval.getWholeSeconds();
		return new Interval(Math.toIntExact(interval.getYears() * 12L + interval.getMonths()), interval.getDays(),
				seconds * MICROS_PER_SECOND + interval.getMicroSeconds());
	}

	/**
	 * Return this interval as a duration.
	 * @return the microseconds
	 * @throws ArithmeticException if there are months or days, which are not always of
	 * the same length
	 */
	public Duration toDuration() {
		if (this.months != 0 || this.days != 0) {
			throw new ArithmeticException("The interval '" + this
					+ "' is no java.time.Duration, since it has months or days. Read it as an Interval, or make it one of "
					+ "seconds in SQL");
		}
		return time();
	}

	/**
	 * Return this interval as a period.
	 * @return years, months and days
	 * @throws ArithmeticException if there are microseconds
	 */
	public Period toPeriod() {
		if (this.microseconds != 0) {
			throw new ArithmeticException("The interval '" + this
					+ "' is no java.time.Period, since it has hours, minutes or seconds. Read it as an Interval");
		}
		return period();
	}

	/**
	 * Return the months and days alone.
	 * @return years, months and days
	 */
	public Period period() {
		return Period.of(this.months / 12, this.months % 12, this.days);
	}

	/**
	 * Return what is neither months nor days.
	 * @return the microseconds
	 */
	public Duration time() {
		return Duration.ofSeconds(Math.floorDiv(this.microseconds, MICROS_PER_SECOND),
				Math.floorMod(this.microseconds, MICROS_PER_SECOND) * 1000);
	}

	@Override
	public void setValue(PreparedStatement ps, int paramIndex) throws SQLException {
		ps.setObject(paramIndex, DriverObjects.create("interval", toString()));
	}

	@Override
	public void cleanup() {
	}

	/**
	 * Return this interval as the server takes it.
	 * @return for example {@code 1 mons 2 days 3.500000 seconds}
	 */
	@Override
	public String toString() {
		return this.months + " mons " + this.days + " days " + BigDecimal.valueOf(this.microseconds, 6).toPlainString()
				+ " seconds";
	}

}
