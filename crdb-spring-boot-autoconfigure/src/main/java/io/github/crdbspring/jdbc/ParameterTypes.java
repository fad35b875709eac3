package io.github.crdbspring.jdbc;

import java.math.BigInteger;
import java.net.InetAddress;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAmount;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.type.Inet;
import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.SqlArray;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

import org.springframework.jdbc.support.SqlValue;

/**
 * The parameters that the driver refuses because it does not know what they are in SQL,
 * and how they are bound. What it takes is left to it.
 */
final class ParameterTypes {

	private static final Binder DRIVER = (statement, index, value) -> statement.setObject(index, value);

	private static final Binder SELF = (statement, index, value) -> ((SqlValue) value).setValue(statement, index);

	private static final Map<Class<?>, Binder> BINDERS = new LinkedHashMap<>();

	static {
		BINDERS.put(PGobject.class, DRIVER);
		BINDERS.put(SqlValue.class, SELF);
		BINDERS.put(Duration.class,
				(statement, index, value) -> Interval.of((Duration) value).setValue(statement, index));
		BINDERS.put(Period.class, (statement, index, value) -> Interval.of((Period) value).setValue(statement, index));
		BINDERS.put(Instant.class, (statement, index, value) -> statement.setObject(index,
				OffsetDateTime.ofInstant((Instant) value, ZoneOffset.UTC)));
		BINDERS.put(ZonedDateTime.class,
				(statement, index, value) -> statement.setObject(index, ((ZonedDateTime) value).toOffsetDateTime()));
		BINDERS.put(InetAddress.class,
				(statement, index, value) -> Inet.of((InetAddress) value).setValue(statement, index));
		// Without a type the name fits both text and an enum of the server's
		BINDERS.put(Enum.class,
				(statement, index, value) -> statement.setObject(index, ((Enum<?>) value).name(), Types.OTHER));
		BINDERS.put(Collection.class,
				(statement, index, value) -> SqlArray.of((Collection<?>) value).setValue(statement, index));
	}

	private static final ClassValue<Binder> BINDER = new ClassValue<>() {
		@Override
		protected Binder computeValue(Class<?> type) {
			return findBinder(type);
		}
	};

	private ParameterTypes() {
	}

	/**
	 * Bind the value of a call of {@code setObject}, if the driver would refuse it.
	 * @param statement the guarded statement
	 * @param args the arguments of the call
	 * @return {@code false} if it is the driver's to bind
	 */
	static boolean bind(Object statement, @Nullable Object[] args) throws SQLException {
		Object value = args[1];
		if (value == null) {
			return false;
		}
		Binder binder = BINDER.get(value.getClass());
		// Where the caller gives a type, the driver takes more
		if (binder == DRIVER || (args.length > 2 && binder != SELF) || !(args[0] instanceof Integer index)) {
			return false;
		}
		binder.bind((PreparedStatement) statement, index, value);
		return true;
	}

	private static Binder findBinder(Class<?> type) {
		if (type.isArray()) {
			return isRefusedElement(type.getComponentType())
					? (statement, index, value) -> SqlArray.of((Object[]) value).setValue(statement, index) : DRIVER;
		}
		return BINDERS.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().isAssignableFrom(type))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(DRIVER);
	}

	private static boolean isRefusedElement(Class<?> type) {
		return type == Object.class || type == BigInteger.class || Temporal.class.isAssignableFrom(type)
				|| TemporalAmount.class.isAssignableFrom(type) || Enum.class.isAssignableFrom(type)
				|| InetAddress.class.isAssignableFrom(type) || SqlValue.class.isAssignableFrom(type);
	}

	/**
	 * Binds a value to a parameter.
	 */
	private interface Binder {

		void bind(PreparedStatement statement, int index, Object value) throws SQLException;

	}

}
