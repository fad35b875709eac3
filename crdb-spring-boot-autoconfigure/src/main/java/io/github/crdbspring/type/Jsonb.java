package io.github.crdbspring.type;

import java.sql.PreparedStatement;
import java.sql.SQLException;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;

/**
 * JSON text, as a parameter of a statement or read from a column of type {@code JSONB}.
 * Immutable; two are equal if their texts are. The text is not parsed here: the server
 * refuses what is not JSON (SQLSTATE 22P02).
 * <p>
 * The server keeps the value and not the text, so what is read back may differ in spaces
 * and in the order of keys. Jackson writes it as the JSON that it is.
 *
 * @since 0.1.0
 * @see JsonbMapper
 */
public final class Jsonb implements CharSequence, SqlValue {

	private final String text;

	private Jsonb(String text) {
		this.text = text;
	}

	/**
	 * Make a value of JSON text.
	 * @param text the text of a JSON value
	 * @return the value
	 */
	public static Jsonb of(String text) {
		Assert.hasText(text, "'text' must be the text of a JSON value");
		return new Jsonb(text);
	}

	@Override
	public void setValue(PreparedStatement ps, int paramIndex) throws SQLException {
		ps.setObject(paramIndex, DriverObjects.create("jsonb", this.text));
	}

	@Override
	public void cleanup() {
	}

	@Override
	public int length() {
		return this.text.length();
	}

	@Override
	public char charAt(int index) {
		return this.text.charAt(index);
	}

	@Override
	public CharSequence subSequence(int start, int end) {
		return this.text.subSequence(start, end);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof Jsonb json && json.text.equals(this.text));
	}

	@Override
	public int hashCode() {
		return this.text.hashCode();
	}

	/**
	 * Return the text.
	 * @return the text as it was given
	 */
	@JsonValue
	@JsonRawValue
	@Override
	public String toString() {
		return this.text;
	}

}
