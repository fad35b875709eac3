package io.github.crdbspring.transaction.contention;

/**
 * What the end of an attempt tells about contention. Infrastructure of this library, no
 * API for applications.
 *
 * @since 0.1.0
 */
public enum AttemptEnd {

	/**
	 * It was committed.
	 */
	COMMIT,

	/**
	 * It was in conflict with another one.
	 */
	CONFLICT,

	/**
	 * Nothing.
	 */
	OTHER

}
