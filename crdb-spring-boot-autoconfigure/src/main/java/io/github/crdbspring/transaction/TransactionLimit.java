package io.github.crdbspring.transaction;

/**
 * The limit of attempts that are under way at once, for one name and one
 * {@link CrdbTransactionTemplate}. What it returns is a snapshot. Thread-safe.
 *
 * @since 0.1.0
 */
public interface TransactionLimit {

	/**
	 * Return the name of the transactions.
	 * @return the name, not empty
	 */
	String name();

	/**
	 * Return the limit that is in force.
	 * @return the limit, at least 1, of which the whole number counts; not a number if
	 * there is none
	 */
	double limit();

	/**
	 * Return how many attempts are under way.
	 * @return the number of attempts that were admitted and have not ended
	 */
	int underWay();

	/**
	 * Return how many callers wait for an attempt.
	 * @return the number of callers
	 */
	int waiting();

}
