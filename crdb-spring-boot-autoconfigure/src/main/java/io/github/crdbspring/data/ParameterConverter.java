package io.github.crdbspring.data;

import java.net.InetAddress;
import java.sql.JDBCType;
import java.time.Duration;
import java.time.Period;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.crdbspring.type.Inet;
import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.JsonbMapper;
import org.jspecify.annotations.Nullable;

import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.GenericConverter;
import org.springframework.data.convert.WritingConverter;
import org.springframework.data.jdbc.core.mapping.JdbcValue;
import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;

/**
 * Converts properties to parameters that bind themselves.
 */
@WritingConverter
final class ParameterConverter implements GenericConverter {

	private final @Nullable JsonbMapper mapper;

	private final Set<ConvertiblePair> types;

	ParameterConverter(@Nullable JsonbMapper mapper, Collection<Class<?>> objects, Collection<Class<?>> intervals) {
		this.mapper = mapper;
		this.types = Stream.concat(objects.stream(), intervals.stream())
			.map((type) -> new ConvertiblePair(type, JdbcValue.class))
			.collect(Collectors.toSet());
	}

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return this.types;
	}

	@Override
	public @Nullable Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		return (source != null) ? JdbcValue.of(parameter(source), JDBCType.OTHER) : null;
	}

	private SqlValue parameter(Object source) {
		if (source instanceof SqlValue value) {
			return value;
		}
		if (source instanceof Duration duration) {
			return Interval.of(duration);
		}
		if (source instanceof Period period) {
			return Interval.of(period);
		}
		if (source instanceof InetAddress address) {
			return Inet.of(address);
		}
		Assert.state(this.mapper != null, "JSON is written by a JsonbMapper");
		return this.mapper.write(source);
	}

}
