package io.github.crdbspring.contention;

import java.sql.SQLException;

/**
 * A service with two transactional methods. They return when the transaction is
 * committed, after as many attempts as it took.
 */
interface Calls {

	/**
	 * A transaction of one name.
	 */
	void first(TransactionBody body) throws SQLException;

	/**
	 * A transaction of another name.
	 */
	void second(TransactionBody body) throws SQLException;

}
