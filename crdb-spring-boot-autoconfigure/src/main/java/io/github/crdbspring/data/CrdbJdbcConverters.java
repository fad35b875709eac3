package io.github.crdbspring.data;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Period;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.github.crdbspring.type.Inet;
import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.Jsonb;
import io.github.crdbspring.type.JsonbMapper;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * The converters that are registered with Spring Data JDBC if there is no bean of type
 * {@code JdbcCustomConversions}. One of your own can add them to yours.
 *
 * @since 0.1.0
 */
public final class CrdbJdbcConverters {

	private static final String JSON_NODE = "tools.jackson.databind.JsonNode";

	private CrdbJdbcConverters() {
	}

	/**
	 * Return the converters.
	 * @param mapper reads and writes JSON, {@code null} for {@link Jsonb} alone
	 * @param jsonbTypes the classes that are kept as JSON, beside Jackson's
	 * {@code JsonNode}
	 * @return converters as {@code JdbcCustomConversions} takes them
	 */
	public static List<Object> create(@Nullable JsonbMapper mapper, Collection<JsonbTypes> jsonbTypes) {
		Assert.isTrue(mapper != null || jsonbTypes.isEmpty(),
				"Classes that are declared as JsonbTypes need a bean of type JsonbMapper, which there is "
						+ "if Jackson 3 and its JsonMapper are");
		Set<Class<?>> json = new LinkedHashSet<>();
		jsonbTypes.forEach((declared) -> json.addAll(declared.types()));
		ClassLoader classLoader = CrdbJdbcConverters.class.getClassLoader();
		if (mapper != null && ClassUtils.isPresent(JSON_NODE, classLoader)) {
			json.add(ClassUtils.resolveClassName(JSON_NODE, classLoader));
		}
		Set<Class<?>> objects = new LinkedHashSet<>(json);
		objects.addAll(List.of(Jsonb.class, Inet.class, InetAddress.class));
		Set<Class<?>> intervals = Set.of(Interval.class, Duration.class, Period.class);
		return List.of(new ParameterConverter(mapper, objects, intervals),
				new ColumnConverter(mapper, objects, intervals));
	}

}
