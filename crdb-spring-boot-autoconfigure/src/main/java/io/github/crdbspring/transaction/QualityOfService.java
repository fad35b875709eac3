package io.github.crdbspring.transaction;

import java.util.Locale;

/**
 * How urgent a transaction's work is to CockroachDB's admission control, which orders
 * what an overloaded node does. It decides nothing in conflicts: that is
 * {@link TransactionPriority}. From CockroachDB 22.1 on.
 * <p>
 * It takes a {@code SET LOCAL} before the first statement, after which the server does
 * not retry that statement by itself.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/admission-control#set-quality-of-service-level-for-a-transaction">CockroachDB:
 * Admission Control</a>
 */
public enum QualityOfService {

	/**
	 * What is configured elsewhere, else nothing is sent to the server.
	 */
	DEFAULT,

	/**
	 * Waits for the others.
	 */
	BACKGROUND,

	/**
	 * The server's own default.
	 */
	REGULAR,

	/**
	 * Goes before the others.
	 */
	CRITICAL;

	String toSql() {
		return name().toLowerCase(Locale.ROOT);
	}

}
