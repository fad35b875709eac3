package io.github.crdbspring.type;

import java.time.Duration;
import java.time.Period;
import java.util.Collection;
import java.util.Set;

/**
 * The classes that are the value of one column, and that Spring would take for beans.
 */
final class SingleValues {

	private static final Set<Class<?>> CLASSES = Set.of(Duration.class, Period.class, Interval.class, Inet.class,
			Jsonb.class, Vector.class);

	private static final String JSON_NODES = "tools.jackson.databind.";

	private SingleValues() {
	}

	static boolean contains(Class<?> type) {
		return CLASSES.contains(type) || type.isArray() || Collection.class.isAssignableFrom(type)
				|| type.getName().startsWith(JSON_NODES);
	}

}
