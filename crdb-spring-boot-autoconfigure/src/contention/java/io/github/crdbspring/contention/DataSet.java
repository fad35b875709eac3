package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Rows of one run's own, so that no run has to read past another's old versions; and the
 * transactions on them.
 */
interface DataSet {

	/**
	 * Insert the rows.
	 */
	void create(Connection connection) throws SQLException;

	/**
	 * Choose a transaction at random.
	 */
	Task next();

	/**
	 * Check what a serial execution would have left behind.
	 * @param connection a connection in auto-commit mode
	 * @param committed how many transactions have been committed
	 * @return what is wrong, empty if nothing is
	 */
	List<String> audit(Connection connection, long committed) throws SQLException;

}
