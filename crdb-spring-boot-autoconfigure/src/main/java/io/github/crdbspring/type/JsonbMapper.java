package io.github.crdbspring.type;

import java.lang.reflect.Type;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ParameterizedTypeReference;

/**
 * Writes objects to JSON and reads them back. Where Jackson is, one is auto-configured
 * that uses the application's own {@code JsonMapper}; a bean of this type replaces it.
 * Implementations are thread-safe.
 *
 * @since 0.1.0
 */
public interface JsonbMapper {

	/**
	 * Write an object.
	 * @param value the object, such as a record, a map, a list or a {@code JsonNode};
	 * {@code null} is JSON's null
	 * @return the JSON
	 * @throws IllegalArgumentException if it cannot be written
	 */
	Jsonb write(@Nullable Object value);

	/**
	 * Read an object.
	 * @param json the JSON
	 * @param type the type to read
	 * @return the object, {@code null} if JSON's null is read so
	 * @throws IllegalArgumentException if that is no JSON of such a type
	 */
	@Nullable Object read(Jsonb json, Type type);

	/**
	 * Read an object.
	 * @param json the JSON
	 * @param type the class to read
	 * @param <T> the type
	 * @return the object, {@code null} if JSON's null is read so
	 * @throws IllegalArgumentException if that is no JSON of such a type
	 */
	@SuppressWarnings("unchecked")
	default <T> @Nullable T read(Jsonb json, Class<T> type) {
		return (T) read(json, (Type) type);
	}

	/**
	 * Read an object of a generic type.
	 * @param json the JSON
	 * @param type the type to read, such as {@code new
	 * ParameterizedTypeReference<List<Item>>() {}}
	 * @param <T> the type
	 * @return the object, {@code null} if JSON's null is read so
	 * @throws IllegalArgumentException if that is no JSON of such a type
	 */
	@SuppressWarnings("unchecked")
	default <T> @Nullable T read(Jsonb json, ParameterizedTypeReference<T> type) {
		return (T) read(json, type.getType());
	}

}
