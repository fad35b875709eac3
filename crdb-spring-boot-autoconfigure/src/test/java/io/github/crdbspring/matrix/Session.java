package io.github.crdbspring.matrix;

/**
 * What a transaction does to the database, by JDBC or by JPA.
 */
interface Session {

	/**
	 * Read account 1.
	 */
	void read();

	/**
	 * Store a call: at once by JDBC, in the next flush by JPA.
	 */
	void store(StoredCall call);

	/**
	 * Run a statement that returns nothing.
	 */
	void execute(String sql);

	/**
	 * Let the server wait.
	 */
	void sleep(double seconds);

}
