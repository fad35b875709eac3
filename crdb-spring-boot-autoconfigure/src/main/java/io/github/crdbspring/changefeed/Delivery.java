package io.github.crdbspring.changefeed;

/**
 * When, and in which order, a listener gets the rows of a changefeed.
 *
 * @since 0.1.0
 */
public enum Delivery {

	/**
	 * Rows are held back until the server has said that nothing earlier will come:
	 * without duplicates, in the order of the commits, and one call for each transaction.
	 */
	RESOLVED,

	/**
	 * Each row as it comes, which is faster: in order for each key, but in no order
	 * across keys, and with duplicates after a reconnect.
	 */
	ARRIVAL

}
