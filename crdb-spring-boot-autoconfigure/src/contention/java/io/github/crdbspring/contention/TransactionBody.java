package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What a transaction does between its begin and its end; the same for all contenders.
 */
interface TransactionBody {

	/**
	 * Do it, once per attempt.
	 * @param connection a connection inside a transaction
	 * @param lock whether to lock the rows that are read
	 */
	void run(Connection connection, boolean lock) throws SQLException;

}
