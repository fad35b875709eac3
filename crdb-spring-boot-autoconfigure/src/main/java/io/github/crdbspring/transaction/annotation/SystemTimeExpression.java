package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.crdbspring.transaction.SystemTime;
import org.jspecify.annotations.Nullable;

/**
 * A SpEL expression over a method's arguments that gives a system time.
 */
final class SystemTimeExpression {

	private final MethodExpression expression;

	SystemTimeExpression(Method method, String expression) {
		this.expression = new MethodExpression(method, expression);
	}

	@Nullable SystemTime evaluate(@Nullable Object[] arguments) {
		Object value = this.expression.evaluate(arguments);
		if (value == null || value instanceof SystemTime) {
			return (SystemTime) value;
		}
		if (value instanceof Duration age) {
			return SystemTime.ago(age);
		}
		if (value instanceof Instant instant) {
			return SystemTime.at(instant);
		}
		if (value instanceof OffsetDateTime dateTime) {
			return SystemTime.at(dateTime.toInstant());
		}
		if (value instanceof CharSequence text) {
			return SystemTime.parse(text.toString());
		}
		throw new IllegalArgumentException(
				"systemTime expression " + this.expression + " gave a " + value.getClass().getName()
						+ "; it must give a SystemTime, Duration, Instant, OffsetDateTime, String or null");
	}

}
