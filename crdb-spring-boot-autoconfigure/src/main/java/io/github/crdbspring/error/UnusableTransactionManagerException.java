package io.github.crdbspring.error;

import java.io.Serial;

import org.jspecify.annotations.Nullable;

/**
 * Thrown if there is no transaction manager with whose transactions an annotated method
 * can be run and retried. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class UnusableTransactionManagerException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String reason;

	private final String action;

	private final boolean foreign;

	/**
	 * Create a new exception.
	 * @param reason a sentence that says what is wrong
	 * @param action sentences that say what to do
	 * @param cause the cause, {@code null} if there is none
	 */
	public UnusableTransactionManagerException(String reason, String action, @Nullable Throwable cause) {
		this(reason, action, false, cause);
	}

	/**
	 * Create a new exception.
	 * @param reason a sentence that says what is wrong
	 * @param action sentences that say what to do
	 * @param foreign whether the transactions have nothing to do with this library
	 * @param cause the cause, {@code null} if there is none
	 */
	public UnusableTransactionManagerException(String reason, String action, boolean foreign,
			@Nullable Throwable cause) {
		super(reason + " " + action, cause);
		this.reason = reason;
		this.action = action;
		this.foreign = foreign;
	}

	/**
	 * Return the same for a method.
	 * @param method the method that cannot be run
	 * @return a new exception
	 */
	public UnusableTransactionManagerException forMethod(String method) {
		return new UnusableTransactionManagerException(method + " cannot run in a transaction. " + this.reason,
				this.action, this.foreign, getCause());
	}

	/**
	 * Return what is wrong.
	 * @return one or two sentences
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Return what to do.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

	/**
	 * Return whether the transactions have nothing to do with this library: they are of
	 * another product, or not on a DataSource.
	 * @return {@code true} if it is only a mistake where this library is asked for
	 */
	public boolean isForeign() {
		return this.foreign;
	}

}
