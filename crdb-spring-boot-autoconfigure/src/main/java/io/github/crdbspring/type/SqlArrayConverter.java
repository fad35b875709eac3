package io.github.crdbspring.type;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.GenericConverter;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Converts an array that the driver reads to a collection or an array. Its elements are
 * read as columns are, so that a time keeps its microseconds.
 */
final class SqlArrayConverter implements GenericConverter {

	private static final int VALUE_COLUMN = 2;

	private final ConversionService conversions;

	SqlArrayConverter(ConversionService conversions) {
		this.conversions = conversions;
	}

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return Set.of(new ConvertiblePair(Array.class, Collection.class),
				new ConvertiblePair(Array.class, Object[].class));
	}

	@Override
	public @Nullable Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		if (source == null) {
			return null;
		}
		try {
			List<@Nullable Object> elements = read((Array) source, targetType.getElementTypeDescriptor());
			return this.conversions.convert(elements, TypeDescriptor.valueOf(List.class), targetType);
		}
		catch (SQLException ex) {
			throw new ConversionFailedException(sourceType, targetType, source, ex);
		}
	}

	private List<@Nullable Object> read(Array array, @Nullable TypeDescriptor elementType) throws SQLException {
		List<@Nullable Object> elements = new ArrayList<>();
		try (ResultSet resultSet = array.getResultSet()) {
			while (resultSet.next()) {
				Object element = (elementType != null)
						? JdbcUtils.getResultSetValue(resultSet, VALUE_COLUMN, elementType.getObjectType())
						: resultSet.getObject(VALUE_COLUMN);
				elements.add((elementType != null && element != null)
						? this.conversions.convert(element, TypeDescriptor.forObject(element), elementType) : element);
			}
		}
		return elements;
	}

}
