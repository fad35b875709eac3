package io.github.crdbspring.actuate;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.actuate.CrdbEndpoint.PoolDescriptor;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.util.StringUtils;

/**
 * Says why there was no connection, or no answer, without naming user or password.
 */
final class ConnectionFailures {

	private ConnectionFailures() {
	}

	static Map<String, Object> describe(SQLException failure, CrdbDataSource dataSource) {
		SQLException root = failure;
		while (root.getCause() instanceof SQLException cause) {
			root = cause;
		}
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("error", error(root, dataSource));
		if (StringUtils.hasText(root.getSQLState())) {
			details.put("sqlState", root.getSQLState());
		}
		return details;
	}

	private static String error(SQLException root, CrdbDataSource dataSource) {
		if (root instanceof SQLTransientConnectionException) {
			return "No connection was free in time" + poolState(dataSource);
		}
		// The server's message names the user
		if (root.getSQLState() != null && root.getSQLState().startsWith("28")) {
			return "The server refused the user or the password";
		}
		return String.valueOf(root.getMessage());
	}

	static String poolState(CrdbDataSource dataSource) {
		PoolDescriptor state = Pools.describe(dataSource);
		return (state != null) ? ": of %d connections %d are in use, and %d callers wait".formatted(state.maximum(),
				state.active(), state.waiting()) : "";
	}

}
