package io.github.crdbspring.jdbc;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * The error that a transaction failed with first, from which all later ones follow.
 */
final class FirstError {

	private final Connection connection;

	private @Nullable SQLException error;

	FirstError(Connection connection) {
		this.connection = connection;
	}

	@Nullable SQLException get() {
		return this.error;
	}

	/**
	 * Take note of an error that has made the transaction fail.
	 */
	void add(SQLException failure) {
		if (this.error == null) {
			this.error = (failure instanceof BatchUpdateException && failure.getNextException() != null)
					? failure.getNextException() : failure;
		}
	}

	/**
	 * Take note of the error of COMMIT, before which there was none that counts.
	 */
	void set(SQLException failure) {
		this.error = failure;
	}

	void forget() {
		this.error = null;
	}

	/**
	 * Find out why a transaction has failed. If its error was that of a statement which
	 * went around the guard, the driver remembers it, and makes it the cause of the 25P02
	 * that every later statement is answered with.
	 */
	@Nullable SQLException find() throws SQLException {
		if (this.error != null) {
			return this.error;
		}
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("SELECT 1");
			return null;
		}
		catch (SQLException ex) {
			boolean afterFailure = SqlState.IN_FAILED_TRANSACTION.equals(ex.getSQLState());
			return (afterFailure && ex.getCause() instanceof SQLException first) ? first : ex;
		}
	}

}
