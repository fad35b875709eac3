package io.github.crdbspring.contention;

import java.util.Map;

/**
 * A way to run transactions, in a Spring context of its own that has a {@link Calls}
 * bean.
 *
 * @param key what it is called on the command line
 * @param label what it is called in the report
 * @param role what it is compared as
 * @param configuration the context's configuration
 * @param properties the context's properties
 */
record Contender(String key, String label, Role role, Class<?> configuration, Map<String, String> properties) {

	/**
	 * What a contender is compared as.
	 */
	enum Role {

		/**
		 * One of those to compare with.
		 */
		OTHER,

		/**
		 * The one whose high percentile is the measure.
		 */
		JITTERED,

		/**
		 * One that does not let conflicts happen.
		 */
		LOCKING,

		/**
		 * This library without the limit.
		 */
		OFF,

		/**
		 * This library with one limit for all calls of a name.
		 */
		NAME,

		/**
		 * One with the adaptive limit.
		 */
		LIMITED

	}

}
