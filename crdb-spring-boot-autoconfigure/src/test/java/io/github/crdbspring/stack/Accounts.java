package io.github.crdbspring.stack;

/**
 * The table of accounts as a data access library sees it.
 */
interface Accounts {

	/**
	 * Read a balance.
	 * @param id the account
	 * @return its balance
	 */
	int read(int id);

	/**
	 * Set a balance. The statement has been sent when this returns.
	 * @param id the account
	 * @param balance its new balance
	 */
	void write(int id, int balance);

	/**
	 * Insert an account. The statement has been sent when this returns.
	 * @param id the account
	 * @param balance its balance
	 */
	void insert(int id, int balance);

}
