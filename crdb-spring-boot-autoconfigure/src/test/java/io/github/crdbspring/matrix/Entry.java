package io.github.crdbspring.matrix;

/**
 * Runs work in a transaction.
 */
interface Entry {

	/**
	 * Run work.
	 * @param timed whether {@link Application#TIMEOUT} applies to the call
	 */
	void call(Application application, Runnable work, boolean timed);

}
