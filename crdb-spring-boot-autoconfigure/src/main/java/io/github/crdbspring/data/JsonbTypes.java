package io.github.crdbspring.data;

import java.util.Set;

import org.springframework.util.Assert;

/**
 * Declares classes whose properties Spring Data JDBC keeps in columns of type
 * {@code JSONB}, rather than in tables or columns of their own. Beans of this type are
 * picked up: <pre class="code">
 * &#064;Bean
 * JsonbTypes jsonbTypes() {
 *     return JsonbTypes.of(Address.class, Preferences.class);
 * }</pre>
 *
 * @param types the classes
 * @since 0.1.0
 */
public record JsonbTypes(Set<Class<?>> types) {

	/**
	 * Create a declaration.
	 */
	public JsonbTypes {
		Assert.noNullElements(types, "'types' must not contain null");
		types = Set.copyOf(types);
	}

	/**
	 * Declare classes.
	 * @param types the classes
	 * @return the declaration
	 */
	public static JsonbTypes of(Class<?>... types) {
		return new JsonbTypes(Set.of(types));
	}

}
