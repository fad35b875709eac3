package io.github.crdbspring.error;

import java.io.Serial;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a bean is created of which an annotated method cannot run in a transaction,
 * or cannot be run again. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class InvalidTransactionalMethodException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String reason;

	private final String action;

	/**
	 * Create a new exception.
	 * @param reason what is wrong
	 * @param action what to do
	 * @param cause the cause, {@code null} if there is none
	 */
	public InvalidTransactionalMethodException(String reason, String action, @Nullable Throwable cause) {
		super(reason + "; " + action, cause);
		this.reason = reason;
		this.action = action;
	}

	/**
	 * Return what is wrong.
	 * @return a clause without a full stop
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Return what to do.
	 * @return a clause without a full stop
	 */
	public String getAction() {
		return this.action;
	}

}
