package io.github.crdbspring.test;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * An error that the driver gets in place of the server's answer to a statement.
 * <p>
 * Unless it is to be executed, the statement does not reach the server: a ROLLBACK does
 * in place of COMMIT, and a syntax error in place of any other statement, so that its
 * transaction has failed on both sides.
 *
 * @param sqlState the error's SQLSTATE; without a code if {@code null}
 * @param executed whether the server runs the statement
 * @param closed whether the connection is closed behind the error, instead of being ready
 * for another statement
 * @since 0.1.0
 */
public record ForgedError(@Nullable String sqlState, boolean executed, boolean closed) implements WireFault {

	/**
	 * The message of such errors.
	 */
	public static final String MESSAGE = "made up by the test";

	/**
	 * Forge the answer to a statement that is not run.
	 * @param sqlState the error's SQLSTATE; without a code if {@code null}
	 * @return an error
	 */
	public static ForgedError of(@Nullable String sqlState) {
		return new ForgedError(sqlState, false, false);
	}

	/**
	 * Forge the answer to a statement that is run.
	 * @return an error with the same code
	 */
	public ForgedError whenExecuted() {
		return new ForgedError(this.sqlState, true, this.closed);
	}

	/**
	 * Have the connection closed behind the error.
	 * @return an error with the same code
	 */
	public ForgedError thenClosed() {
		return new ForgedError(this.sqlState, this.executed, true);
	}

	/**
	 * Return the body of an ErrorResponse.
	 */
	byte[] body() {
		String code = (this.sqlState != null) ? "C" + this.sqlState + "\0" : "";
		return ("SERROR\0VERROR\0" + code + "M" + MESSAGE + "\0\0").getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Return what runs in place of a statement that must not be run.
	 */
	static String replacement(String sql) {
		return sql.startsWith("COMMIT") ? "ROLLBACK" : MESSAGE;
	}

}
