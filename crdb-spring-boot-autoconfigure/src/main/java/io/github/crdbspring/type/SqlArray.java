package io.github.crdbspring.type;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;
import org.springframework.util.ObjectUtils;

/**
 * An array as a parameter of a statement. It is for collections, of which Spring makes a
 * list of parameters where they are given to a named one, and which it refuses at a
 * positional one. Elements may be {@code null}. Immutable.
 *
 * @since 0.1.0
 */
public final class SqlArray implements SqlValue {

	private final @Nullable String elementType;

	private final List<@Nullable Object> elements;

	private SqlArray(@Nullable String elementType, Collection<? extends @Nullable Object> elements) {
		this.elementType = elementType;
		this.elements = Collections.unmodifiableList(new ArrayList<>(elements));
		Assert.isTrue(this.elements.stream().noneMatch(SqlArray::isNested),
				"An array of arrays is not possible: CockroachDB has none, and for PostgreSQL's there is "
						+ "Connection.createArrayOf");
	}

	/**
	 * Make an array whose elements say what type it is of. If there are none, or if they
	 * are enums, the server infers the type.
	 * @param elements the elements, all of one type
	 * @return the array
	 * @throws IllegalArgumentException if the elements are of types that are unknown, or
	 * of several
	 */
	public static SqlArray of(Collection<? extends @Nullable Object> elements) {
		Assert.notNull(elements, "'elements' must not be null");
		Set<String> types = elements.stream()
			.filter(Objects::nonNull)
			.map(ElementTypes::nameFor)
			.collect(Collectors.toSet());
		Assert.isTrue(types.size() <= 1,
				() -> "The elements are of several types, " + types + ". Make them of one, or name it");
		String type = types.isEmpty() ? ElementTypes.INFERRED : types.iterator().next();
		return new SqlArray(type.equals(ElementTypes.INFERRED) ? null : type, elements);
	}

	/**
	 * Make an array whose elements say what type it is of.
	 * @param elements the elements, all of one type
	 * @return the array
	 * @throws IllegalArgumentException if the elements are of types that are unknown, or
	 * of several
	 */
	public static SqlArray of(@Nullable Object... elements) {
		return of(Arrays.asList(elements));
	}

	/**
	 * Make an array of a given type.
	 * @param elementType the name of the elements' type, such as {@code uuid}
	 * @param elements the elements
	 * @return the array
	 */
	public static SqlArray ofType(String elementType, Collection<? extends @Nullable Object> elements) {
		Assert.hasText(elementType, "'elementType' must not be empty");
		Assert.notNull(elements, "'elements' must not be null");
		return new SqlArray(elementType, elements);
	}

	@Override
	public void setValue(PreparedStatement ps, int paramIndex) throws SQLException {
		Array array = create(ps.getConnection());
		if (this.elementType != null) {
			ps.setArray(paramIndex, array);
		}
		else {
			ps.setObject(paramIndex, array.toString(), Types.OTHER);
		}
	}

	/**
	 * Make the driver's array.
	 * @param connection the connection to make it with
	 * @return the array, one of text if its type is to be inferred
	 * @throws SQLException if the server does not know the type
	 */
	public Array create(Connection connection) throws SQLException {
		boolean bytes = this.elements.stream().anyMatch(byte[].class::isInstance);
		@Nullable Object[] values = bytes ? this.elements.toArray(new byte[0][])
				: this.elements.stream().map(ElementTypes::render).toArray(String[]::new);
		return connection.createArrayOf((this.elementType != null) ? this.elementType : "text", values);
	}

	@Override
	public void cleanup() {
	}

	private static boolean isNested(@Nullable Object element) {
		return element instanceof Collection<?> || element instanceof SqlArray || element instanceof Array
				|| (ObjectUtils.isArray(element) && !(element instanceof byte[]));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof SqlArray array && Objects.equals(array.elementType, this.elementType)
				&& array.elements.equals(this.elements));
	}

	@Override
	public int hashCode() {
		return this.elements.hashCode();
	}

	@Override
	public String toString() {
		return ((this.elementType != null) ? this.elementType : "") + this.elements;
	}

}
