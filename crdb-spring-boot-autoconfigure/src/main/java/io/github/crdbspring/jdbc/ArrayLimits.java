package io.github.crdbspring.jdbc;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Locale;
import java.util.Set;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Refuses arrays that PostgreSQL has and CockroachDB does not, before anything is sent.
 */
final class ArrayLimits {

	private static final Set<String> JSON = Set.of("json", "jsonb", "pg_catalog.json", "pg_catalog.jsonb");

	private ArrayLimits() {
	}

	/**
	 * Check a call of {@code createArrayOf}.
	 */
	static void checkNewArray(@Nullable Object @Nullable [] args) throws SQLException {
		if (args == null) {
			return;
		}
		if (args[0] instanceof String type && JSON.contains(type.toLowerCase(Locale.ROOT))) {
			throw refused("arrays of JSONB. Use one JSONB value that is an array");
		}
		checkValue(args[1]);
	}

	/**
	 * Check a parameter.
	 */
	static void checkValue(@Nullable Object value) throws SQLException {
		Class<?> element = (value != null) ? value.getClass().getComponentType() : null;
		if (element == null || element.isPrimitive()) {
			return;
		}
		boolean nested = element.isArray() && element != byte[].class;
		if (!nested && element == Object.class && value instanceof Object[] values) {
			for (Object inner : values) {
				nested = nested || (inner != null && inner.getClass().isArray() && !(inner instanceof byte[]));
			}
		}
		if (nested) {
			throw refused("multi-dimensional arrays. Use a JSONB value, or a row of a table for each inner array");
		}
	}

	private static SQLFeatureNotSupportedException refused(String what) {
		return new SQLFeatureNotSupportedException("Nothing was sent, since CockroachDB has no " + what,
				SqlState.FEATURE_NOT_SUPPORTED);
	}

}
