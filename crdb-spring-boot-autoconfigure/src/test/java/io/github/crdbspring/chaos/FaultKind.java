package io.github.crdbspring.chaos;

import java.util.Random;

/**
 * A kind of fault.
 *
 * @param kind what it is called in the report
 * @param weight how often it is made, compared to others
 * @param strike makes it
 */
record FaultKind(String kind, int weight, Strike strike) {

	/**
	 * Makes one fault.
	 */
	interface Strike {

		/**
		 * Make the fault.
		 * @param random what decides where there is a choice
		 * @return whether it happened: there may be nothing that it could happen to
		 */
		boolean strike(Random random) throws Exception;

	}

}
