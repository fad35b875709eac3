package io.github.crdbspring.type;

import java.net.InetAddress;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * Converts what the driver reads of types that it does not know, by the name of the type:
 * JSON to whatever the mapper reads, addresses, and vectors.
 */
final class PgObjectConverter implements ConditionalGenericConverter {

	private final @Nullable JsonbMapper mapper;

	PgObjectConverter(@Nullable JsonbMapper mapper) {
		this.mapper = mapper;
	}

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return Set.of(new ConvertiblePair(PGobject.class, Object.class));
	}

	/**
	 * What type the value is of shows only when there is one. A class that can make
	 * itself of a {@link PGobject} is left to do so.
	 */
	@Override
	public boolean matches(TypeDescriptor sourceType, TypeDescriptor targetType) {
		Class<?> target = targetType.getObjectType();
		return !target.isAssignableFrom(PGobject.class) && !PGobject.class.isAssignableFrom(target)
				&& sourceType.getType() != PGInterval.class && !readsItself(target)
				&& (this.mapper != null || target == Jsonb.class || target == Inet.class || target == InetAddress.class
						|| target == Vector.class || target == float[].class);
	}

	private static boolean readsItself(Class<?> target) {
		return ClassUtils.hasConstructor(target, PGobject.class)
				|| ClassUtils.getStaticMethod(target, "valueOf", PGobject.class) != null
				|| ClassUtils.getStaticMethod(target, "of", PGobject.class) != null
				|| ClassUtils.getStaticMethod(target, "from", PGobject.class) != null;
	}

	@Override
	public @Nullable Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		if (!(source instanceof PGobject object) || object.getValue() == null) {
			return null;
		}
		String value = object.getValue();
		Class<?> target = targetType.getObjectType();
		return switch (object.getType()) {
			case "json", "jsonb" -> {
				Jsonb json = Jsonb.of(value);
				if (target == Jsonb.class || target == CharSequence.class) {
					yield json;
				}
				Assert.state(this.mapper != null, "JSON is read by a JsonbMapper");
				yield this.mapper.read(json, targetType.getResolvableType().getType());
			}
			case "inet" -> {
				Inet inet = Inet.parse(value);
				yield target.isInstance(inet) ? inet : address(inet, sourceType, targetType);
			}
			case "vector" -> {
				Vector vector = Vector.parse(value);
				yield (target == float[].class) ? vector.toArray()
						: requireInstance(vector, target, sourceType, targetType);
			}
			default -> throw new ConversionFailedException(sourceType, targetType, source,
					new IllegalArgumentException("There is no conversion of the type " + source));
		};
	}

	private static Object requireInstance(Vector vector, Class<?> target, TypeDescriptor sourceType,
			TypeDescriptor targetType) {
		if (!target.isInstance(vector)) {
			throw new ConversionFailedException(sourceType, targetType, vector,
					new IllegalArgumentException("A vector is read as Vector or float[]"));
		}
		return vector;
	}

	private static InetAddress address(Inet inet, TypeDescriptor sourceType, TypeDescriptor targetType) {
		if (!targetType.getObjectType().isInstance(inet.address())) {
			throw new ConversionFailedException(sourceType, targetType, inet,
					new IllegalArgumentException("An address is read as Inet or InetAddress"));
		}
		return inet.address();
	}

}
