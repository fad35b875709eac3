package io.github.crdbspring.error;

import java.io.Serial;
import java.sql.SQLException;

/**
 * Thrown if outcomes of transactions are to be found out, and the table that this needs
 * is missing or may not be used.
 *
 * @since 0.1.0
 */
public final class MissingOutcomeTableException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	private static final String ACTION = "Create it with crdb.transaction.outcome.initialize-schema=always, or with "
			+ "Flyway or Liquibase from the script schema-cockroachdb.sql or schema-postgresql.sql in the package "
			+ "io.github.crdbspring.transaction.outcome, and let the application's user SELECT, INSERT, UPDATE and "
			+ "DELETE there. Or leave crdb.transaction.outcome.policy at 'report'.";

	private final String reason;

	/**
	 * Create a new exception.
	 * @param cause what the database answered
	 */
	public MissingOutcomeTableException(SQLException cause) {
		this("The outcome of transactions is to be found out, but the table crdb_transaction_outcome cannot be used: "
				+ cause.getMessage() + ".", cause);
	}

	private MissingOutcomeTableException(String reason, SQLException cause) {
		super(reason + " " + ACTION, cause);
		this.reason = reason;
	}

	/**
	 * Whether an error says that the table is missing, lacks a column, or may not be
	 * used.
	 * @param failure the error
	 * @return {@code true} for class 42
	 */
	public static boolean isReason(SQLException failure) {
		return failure.getSQLState() != null && failure.getSQLState().startsWith("42");
	}

	/**
	 * Return what is wrong.
	 * @return a sentence
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Return what to do.
	 * @return some sentences
	 */
	public String getAction() {
		return ACTION;
	}

}
