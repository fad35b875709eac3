package io.github.crdbspring.type;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;

/**
 * A value of type {@code VECTOR}, usable as a parameter of a statement. What is read may
 * as well be a {@code float[]}, which as a parameter is an array of {@code FLOAT4}.
 * Immutable. CockroachDB has the type since 24.2, and writes it as pgvector does; read in
 * the documentation, not tried on a server that has it.
 *
 * @since 0.1.0
 * @see <a href= "https://www.cockroachlabs.com/docs/stable/vector">CockroachDB:
 * VECTOR</a>
 */
public final class Vector implements SqlValue {

	private final float[] elements;

	private Vector(float[] elements) {
		this.elements = elements;
	}

	/**
	 * Make a value.
	 * @param elements the elements, at least one, finite
	 * @return the value
	 * @throws IllegalArgumentException if there is no element, or one is not finite
	 */
	public static Vector of(float... elements) {
		Assert.isTrue(elements.length > 0, "A vector must have elements");
		for (float element : elements) {
			Assert.isTrue(Float.isFinite(element),
					() -> "An element of a vector must be finite, but one is " + element);
		}
		return new Vector(elements.clone());
	}

	/**
	 * Read a value from its text.
	 * @param text for example {@code [1,2.5,-3]}
	 * @return the value
	 * @throws IllegalArgumentException if that is no vector
	 */
	public static Vector parse(String text) {
		String stripped = text.strip();
		Assert.isTrue(stripped.length() > 2 && stripped.startsWith("[") && stripped.endsWith("]"),
				() -> "'" + text + "' is no vector");
		String[] parts = stripped.substring(1, stripped.length() - 1).split(",", -1);
		float[] elements = new float[parts.length];
		try {
			for (int i = 0; i < parts.length; i++) {
				elements[i] = Float.parseFloat(parts[i]);
			}
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException("'" + text + "' is no vector", ex);
		}
		return of(elements);
	}

	/**
	 * Return the elements.
	 * @return a new array
	 */
	public float[] toArray() {
		return this.elements.clone();
	}

	/**
	 * As a text without a type, which the server takes for what it is needed for.
	 */
	@Override
	public void setValue(PreparedStatement ps, int paramIndex) throws SQLException {
		ps.setObject(paramIndex, toString(), Types.OTHER);
	}

	@Override
	public void cleanup() {
	}

	@Override
	public boolean equals(@Nullable Object obj) {
		return obj instanceof Vector other && Arrays.equals(this.elements, other.elements);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.elements);
	}

	/**
	 * Return this value as the server writes it.
	 * @return the elements in brackets
	 */
	@Override
	public String toString() {
		return IntStream.range(0, this.elements.length)
			.mapToObj((index) -> Float.toString(this.elements[index]))
			.collect(Collectors.joining(",", "[", "]"));
	}

}
