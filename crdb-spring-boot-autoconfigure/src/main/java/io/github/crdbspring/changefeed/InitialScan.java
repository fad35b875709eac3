package io.github.crdbspring.changefeed;

/**
 * Whether a listener that has no position yet gets first what the tables hold.
 *
 * @since 0.1.0
 */
public enum InitialScan {

	/**
	 * Only what changes from then on.
	 */
	NO,

	/**
	 * First what the tables hold, then what changes.
	 */
	YES,

	/**
	 * What the tables hold, and nothing more: the listener ends with that.
	 */
	ONLY

}
