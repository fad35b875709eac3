package io.github.crdbspring.sample.fault;

/**
 * When a connection is cut. To the application both look the same.
 */
public enum CutMoment {

	/**
	 * Before COMMIT reaches the database, which rolls back.
	 */
	BEFORE_COMMIT,

	/**
	 * After the database has carried out COMMIT, and before its answer arrives.
	 */
	AFTER_COMMIT

}
