package io.github.crdbspring.error;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Recognises an error that is one of a prepared statement, not of what it says: the
 * server refused it before it did anything, and takes it when it is prepared anew.
 */
final class StaleStatementErrors {

	/**
	 * What CockroachDB says to it in all versions, and PostgreSQL in English.
	 */
	private static final String RESULT_TYPE = "cached plan must not change result type";

	/**
	 * Where PostgreSQL says it, in whatever language. The driver goes by it, too, but
	 * CockroachDB says it elsewhere.
	 */
	private static final Set<String> ROUTINES = Set.of("RevalidateCachedQuery", "RevalidateCachedPlan");

	/**
	 * How the driver names the statements that it prepares. Those of the application's
	 * own are its own to prepare.
	 */
	private static final Pattern NAME_OF_THE_DRIVERS = Pattern.compile("\\bS_\\d{1,10}\\b");

	private StaleStatementErrors() {
	}

	static boolean isOne(SQLException error) {
		String sqlState = error.getSQLState();
		String message = (error.getMessage() != null) ? error.getMessage() : "";
		if (sqlState == null) {
			return false;
		}
		return switch (sqlState) {
			case SqlState.FEATURE_NOT_SUPPORTED -> message.contains(RESULT_TYPE) || ROUTINES.contains(routine(error));
			case SqlState.NO_PREPARED_STATEMENT, SqlState.DUPLICATE_PREPARED_STATEMENT ->
				NAME_OF_THE_DRIVERS.matcher(message).find();
			default -> false;
		};
	}

	private static String routine(SQLException error) {
		ServerErrorMessage message = (error instanceof PSQLException driverException)
				? driverException.getServerErrorMessage() : null;
		@Nullable String routine = (message != null) ? message.getRoutine() : null;
		return (routine != null) ? routine : "";
	}

}
