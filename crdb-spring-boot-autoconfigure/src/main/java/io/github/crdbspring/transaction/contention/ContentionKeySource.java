package io.github.crdbspring.transaction.contention;

/**
 * Where the keys come from that calls in conflict may have in common.
 *
 * @since 0.1.0
 */
public enum ContentionKeySource {

	/**
	 * What a call names, or else its arguments of simple types.
	 */
	ARGUMENTS,

	/**
	 * What a call names, and nothing else.
	 */
	NAMED,

	/**
	 * Nowhere: there is one limit for all calls of the same name.
	 */
	NONE

}
