package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.crdbspring.transaction.SystemTime;
import org.jspecify.annotations.Nullable;

import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * A SpEL expression over a method's arguments that gives a system time.
 */
final class SystemTimeExpression {

	private static final ParameterNameDiscoverer parameterNameDiscoverer = new DefaultParameterNameDiscoverer();

	private final Method method;

	private final Expression expression;

	SystemTimeExpression(Method method, String expression) {
		this.method = method;
		this.expression = new SpelExpressionParser().parseExpression(expression);
	}

	@SuppressWarnings("NullAway") // JDK 17 does not see that the context takes null
									// arguments
	@Nullable SystemTime evaluate(@Nullable Object[] arguments) {
		Object value = this.expression
			.getValue(new MethodBasedEvaluationContext(new Object(), this.method, arguments, parameterNameDiscoverer));
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
		throw new IllegalArgumentException("systemTime expression '" + this.expression.getExpressionString() + "' of "
				+ this.method + " gave a " + value.getClass().getName()
				+ "; it must give a SystemTime, Duration, Instant, OffsetDateTime, String or null");
	}

}
