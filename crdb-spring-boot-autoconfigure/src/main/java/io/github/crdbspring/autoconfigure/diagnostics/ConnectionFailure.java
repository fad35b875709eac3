package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A failure of the PostgreSQL driver to open a connection, and what can be told of it
 * without reading words that are translated.
 *
 * @param exception the driver's exception
 */
record ConnectionFailure(PSQLException exception) {

	private static final Pattern PARAMETER = Pattern
		.compile("parameter(?: in options:|:)? \"?(?<name>[A-Za-z_][A-Za-z0-9_.]*)");

	boolean hasState(String... sqlStates) {
		return Arrays.asList(sqlStates).contains(this.exception.getSQLState());
	}

	/**
	 * Whether the driver gave up while connecting, for a reason of a certain type.
	 */
	boolean couldNotConnect(Class<? extends Throwable> cause) {
		return hasState("08001") && find(cause) != null;
	}

	boolean isCausedBy(Class<? extends Throwable> type) {
		return find(type) != null;
	}

	<T extends Throwable> @Nullable T find(Class<T> type) {
		Throwable candidate = this.exception.getCause();
		while (candidate != null) {
			if (type.isInstance(candidate)) {
				return type.cast(candidate);
			}
			candidate = candidate.getCause();
		}
		return null;
	}

	boolean isFromDriver() {
		return this.exception.getServerErrorMessage() == null;
	}

	boolean isFromDriver(DriverMessage... messages) {
		return Arrays.stream(messages).anyMatch((message) -> message.is(this.exception));
	}

	/**
	 * Whether the server's source code names a routine as the origin. PostgreSQL and
	 * CockroachDB send that with each error, in no language.
	 */
	boolean isFromRoutine(String routine) {
		ServerErrorMessage message = this.exception.getServerErrorMessage();
		return message != null && routine.equals(message.getRoutine());
	}

	boolean isFromFile(String file) {
		ServerErrorMessage message = this.exception.getServerErrorMessage();
		return message != null && message.getFile() != null && message.getFile().endsWith(file);
	}

	/**
	 * Whether the server's message has a text. CockroachDB knows English only, PostgreSQL
	 * translates if it is told to: this has to be the last resort.
	 */
	boolean serverSays(String text) {
		ServerErrorMessage message = this.exception.getServerErrorMessage();
		return message != null && message.getMessage() != null && message.getMessage().contains(text);
	}

	/**
	 * Whether the server refused the connection, rather than a statement. CockroachDB
	 * does not tell the two apart.
	 */
	boolean isFatal() {
		ServerErrorMessage message = this.exception.getServerErrorMessage();
		return message != null && "FATAL".equals(message.getSeverity());
	}

	/**
	 * Return the name of the parameter that the server's message names. Its value is not
	 * for everybody's eyes.
	 */
	@Nullable String parameter() {
		ServerErrorMessage message = this.exception.getServerErrorMessage();
		Matcher matcher = PARAMETER
			.matcher((message != null && message.getMessage() != null) ? message.getMessage() : "");
		return matcher.find() ? matcher.group("name") : null;
	}

	/**
	 * Return the file that the driver's message names, if it is one of these messages.
	 */
	@Nullable String file(DriverMessage... messages) {
		for (DriverMessage message : messages) {
			String file = message.argument(this.exception);
			if (file != null) {
				return file;
			}
		}
		return null;
	}

}
