package io.github.crdbspring.type;

import java.lang.reflect.Type;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.util.Assert;

/**
 * {@link JsonbMapper} that uses Jackson.
 *
 * @since 0.1.0
 */
public final class JacksonJsonbMapper implements JsonbMapper {

	private final JsonMapper mapper;

	/**
	 * Create a new mapper.
	 * @param mapper the mapper that is used
	 */
	public JacksonJsonbMapper(JsonMapper mapper) {
		Assert.notNull(mapper, "'mapper' must not be null");
		this.mapper = mapper;
	}

	@Override
	public Jsonb write(@Nullable Object value) {
		if (value instanceof Jsonb json) {
			return json;
		}
		try {
			return Jsonb.of(this.mapper.writeValueAsString(value));
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(
					"A " + ((value != null) ? value.getClass().getName() : "null") + " cannot be written as JSON", ex);
		}
	}

	@Override
	public @Nullable Object read(Jsonb json, Type type) {
		try {
			return this.mapper.readValue(json.toString(), this.mapper.constructType(type));
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("The JSON cannot be read as " + type.getTypeName(), ex);
		}
	}

}
