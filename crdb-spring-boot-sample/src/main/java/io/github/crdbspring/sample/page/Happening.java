package io.github.crdbspring.sample.page;

import java.time.Instant;

/**
 * Something that has happened, in a sentence or two.
 *
 * @param time when
 * @param kind what it comes to
 * @param text the sentence
 */
record Happening(Instant time, Kind kind, String text) {

	/**
	 * What a happening comes to.
	 */
	enum Kind {

		/**
		 * A load has started, or a fault is being made.
		 */
		STARTED,

		/**
		 * A load has ended.
		 */
		ENDED,

		/**
		 * Attempts were run again.
		 */
		RETRIED,

		/**
		 * An unknown outcome was found out.
		 */
		RESOLVED,

		/**
		 * Everybody had to wait, and nothing else happened.
		 */
		WAITED,

		/**
		 * Transactions were given up, or something was not done at all.
		 */
		REFUSED,

		/**
		 * A transaction's outcome stayed unknown.
		 */
		UNKNOWN

	}

}
