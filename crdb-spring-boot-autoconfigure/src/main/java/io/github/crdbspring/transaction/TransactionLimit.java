package io.github.crdbspring.transaction;

/**
 * The limits of attempts that are under way at once, for one name and one
 * {@link CrdbTransactionTemplate}: that of the name, or those of keys on which conflicts
 * concentrate. What it returns is a snapshot. Thread-safe.
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
	 * Return the limit that is in force, the least one if several keys have one.
	 * @return the limit, of which the whole number counts, or below 1 the part of the
	 * time that attempts may take up, one by one; not a number if there is none
	 */
	double limit();

	/**
	 * Return how many keys have a limit of their own.
	 * @return the number of keys, 0 if the limit in force is that of the name
	 */
	default int keys() {
		return 0;
	}

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
