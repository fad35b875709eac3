package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ObjectUtils;

/**
 * SpEL expressions over a method's arguments that give the keys of a call.
 */
final class ContentionKeys {

	private final List<MethodExpression> expressions;

	/**
	 * Create keys.
	 * @param expressions the expressions, not empty
	 * @throws RuntimeException if one of them is not valid
	 */
	ContentionKeys(Method method, List<String> expressions) {
		this.expressions = expressions.stream().map((expression) -> parse(method, expression)).toList();
	}

	private static MethodExpression parse(Method method, String expression) {
		try {
			return new MethodExpression(method, expression);
		}
		catch (RuntimeException ex) {
			throw new IllegalArgumentException("contentionKey '" + expression + "': " + ex.getMessage()
					+ "; use a SpEL expression over the arguments such as #account or #transfer.source", ex);
		}
	}

	/**
	 * Return the keys of a call: what the expressions give, collections and arrays taken
	 * apart, without {@code null}.
	 */
	Object[] evaluate(@Nullable Object[] arguments) {
		List<Object> keys = new ArrayList<>(this.expressions.size());
		for (MethodExpression expression : this.expressions) {
			add(expression.evaluate(arguments), keys);
		}
		return keys.toArray();
	}

	private static void add(@Nullable Object value, List<Object> keys) {
		if (value instanceof Optional<?> optional) {
			add(optional.orElse(null), keys);
		}
		else if (value instanceof Collection<?> collection) {
			collection.forEach((element) -> add(element, keys));
		}
		else if (value != null && value.getClass().isArray() && !(value instanceof byte[])) {
			Arrays.asList(ObjectUtils.toObjectArray(value)).forEach((element) -> add(element, keys));
		}
		else if (value != null) {
			keys.add(value);
		}
	}

}
