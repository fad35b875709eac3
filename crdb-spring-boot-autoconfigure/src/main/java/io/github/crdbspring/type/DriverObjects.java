package io.github.crdbspring.type;

import java.sql.SQLException;

import org.postgresql.util.PGobject;

/**
 * Makes what the driver takes for a value of a type that it does not know.
 */
final class DriverObjects {

	private DriverObjects() {
	}

	static PGobject create(String type, String value) throws SQLException {
		PGobject object = new PGobject();
		object.setType(type);
		object.setValue(value);
		return object;
	}

}
