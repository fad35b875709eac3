package io.github.crdbspring.jdbc;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Finds the error that a transaction failed with first, from which all later ones follow.
 */
final class FirstError {

	private FirstError() {
	}

	/**
	 * Return the error that the server answered, in place of the driver's exception for a
	 * batch.
	 */
	static SQLException of(SQLException failure) {
		return (failure instanceof BatchUpdateException && failure.getNextException() != null)
				? failure.getNextException() : failure;
	}

	/**
	 * Ask the server why a transaction has failed, where the statement went around the
	 * guard. The driver remembers its error, and makes it the cause of the 25P02 that
	 * every later statement is answered with.
	 */
	static @Nullable SQLException ask(Connection connection) {
		try (Statement statement = connection.createStatement()) {
			statement.execute("SELECT 1");
			return null;
		}
		catch (SQLException ex) {
			boolean afterFailure = SqlState.IN_FAILED_TRANSACTION.equals(ex.getSQLState());
			return (afterFailure && ex.getCause() instanceof SQLException first) ? first : ex;
		}
	}

}
