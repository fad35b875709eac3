package io.github.crdbspring.jdbc;

import java.sql.Array;
import java.sql.ResultSet;
import java.util.function.UnaryOperator;

/**
 * An array whose result set leads back to the guarded connection.
 */
interface GuardedArray extends Array {

	/**
	 * Return the driver's array.
	 */
	Array getTargetArray();

	static Array of(Array target, UnaryOperator<ResultSet> guard) {
		return ProxyCalls.newProxy(GuardedArray.class, (proxy, method, args) -> switch (method.getName()) {
			case "getTargetArray" -> target;
			case "getResultSet" -> guard.apply((ResultSet) ProxyCalls.require(ProxyCalls.call(target, method, args)));
			// Its text is the value, for the driver too
			default -> ProxyCalls.call(target, method, args);
		});
	}

}
