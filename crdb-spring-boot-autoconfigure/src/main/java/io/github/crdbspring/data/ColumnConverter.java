package io.github.crdbspring.data;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.crdbspring.type.CrdbConversionService;
import io.github.crdbspring.type.JsonbMapper;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.GenericConverter;
import org.springframework.data.convert.ReadingConverter;

/**
 * Converts what the driver reads to properties.
 */
@ReadingConverter
final class ColumnConverter implements GenericConverter {

	private final ConversionService conversions;

	private final Set<ConvertiblePair> types;

	ColumnConverter(@Nullable JsonbMapper mapper, Collection<Class<?>> objects, Collection<Class<?>> intervals) {
		this.conversions = new CrdbConversionService(mapper);
		this.types = Stream
			.concat(objects.stream().map((type) -> new ConvertiblePair(PGobject.class, type)),
					intervals.stream().map((type) -> new ConvertiblePair(PGInterval.class, type)))
			.collect(Collectors.toSet());
	}

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return this.types;
	}

	@Override
	public @Nullable Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		return this.conversions.convert(source, sourceType, targetType);
	}

}
