package io.github.crdbspring.contention;

import java.sql.SQLException;

/**
 * A service with two transactional methods. They return when the transaction is
 * committed, after as many attempts as it took.
 */
interface Calls {

	/**
	 * A transaction of one name.
	 * @param body what it does
	 * @param source the id of a row that it changes
	 * @param target the id of another one, or the same
	 * @param amount by how much
	 */
	void first(TransactionBody body, long source, long target, int amount) throws SQLException;

	/**
	 * A transaction of another name.
	 */
	void second(TransactionBody body, long source, long target, int amount) throws SQLException;

}
