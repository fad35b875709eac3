package io.github.crdbspring.transaction;

/**
 * What happens to a transaction option that the server does not have, such as a priority
 * on PostgreSQL.
 *
 * @since 0.1.0
 */
public enum UnsupportedOptionPolicy {

	/**
	 * The transaction is refused with
	 * {@link io.github.crdbspring.error.UnsupportedTransactionOptionException}.
	 */
	FAIL,

	/**
	 * The transaction runs without the option, with one warning in the log.
	 */
	IGNORE

}
