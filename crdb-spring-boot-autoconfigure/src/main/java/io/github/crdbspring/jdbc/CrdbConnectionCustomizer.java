package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * Prepares a connection before it is used for the first time. For session settings such
 * as {@code statement_timeout} or {@code default_transaction_quality_of_service}.
 * <p>
 * It is called once for each physical connection, when the pool hands it out for the
 * first time, not each time that it is borrowed. The connection is in auto-commit mode.
 * An implementation must be thread-safe, since a pool opens connections for several
 * threads.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CrdbConnectionCustomizer {

	/**
	 * Prepare a connection.
	 * @param connection the new connection
	 * @param serverInfo what its server is
	 * @throws SQLException if that fails; the borrower gets this exception, and the
	 * connection is prepared again before anybody else gets it
	 */
	void customize(Connection connection, ServerInfo serverInfo) throws SQLException;

	/**
	 * Return the session variables that this customizer sets on every connection, so that
	 * what follows from them can be explained: that a session ends, for instance, whose
	 * transaction is idle for longer than {@code idle_in_transaction_session_timeout}.
	 * @return values by name; none by default
	 */
	default Map<String, String> sessionVariables() {
		return Map.of();
	}

}
