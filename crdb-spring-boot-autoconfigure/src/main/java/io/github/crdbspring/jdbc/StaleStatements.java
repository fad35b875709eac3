package io.github.crdbspring.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

import io.github.crdbspring.error.FailureKind;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.BaseStatement;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.TransactionState;

/**
 * Drops the prepared statements of a connection when one of them, or one of another
 * connection of the pool, turned out to be stale: the table has changed, and the server
 * refuses the statement until it is prepared anew. The driver does so by itself on
 * PostgreSQL only.
 */
final class StaleStatements {

	/**
	 * Unlike a statement of JDBC's it does not begin a transaction. It is no prepared
	 * statement either: CockroachDB 21.1 would look for that afterwards, as it does
	 * inside a transaction, and the node would end with a panic (seen; function
	 * {@code updateTxnRewindPosMaybe}).
	 */
	private static final int FLAGS = QueryExecutor.QUERY_SUPPRESS_BEGIN | QueryExecutor.QUERY_EXECUTE_AS_SIMPLE
			| QueryExecutor.QUERY_NO_METADATA | QueryExecutor.QUERY_NO_RESULTS;

	private final Connection target;

	private final BaseConnection driver;

	private final Found found;

	private final boolean cockroach;

	StaleStatements(Connection target, BaseConnection driver, Found found, boolean cockroach) {
		this.target = target;
		this.driver = driver;
		this.found = found;
		this.cockroach = cockroach;
	}

	/**
	 * Execute a statement. Outside of a transaction it is executed again if it was stale:
	 * the server has done nothing of it then.
	 */
	@Nullable Object execute(StatementText statement, Object target, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		drop();
		try {
			return ProxyCalls.call(target, method, args);
		}
		catch (SQLException ex) {
			if (!failed(ex) || !mayBeRepeated(statement)) {
				throw ex;
			}
		}
		drop();
		return ProxyCalls.call(target, method, args);
	}

	/**
	 * Something failed that was executed.
	 * @return whether it was stale
	 */
	boolean failed(SQLException failure) {
		boolean stale = FailureKind.of(failure) == FailureKind.STALE_STATEMENT;
		if (stale) {
			this.found.onThisConnection();
		}
		return stale;
	}

	/**
	 * Not what may have been executed in part: a batch, several statements, or a
	 * procedure that commits. On PostgreSQL the driver has repeated it already.
	 */
	private boolean mayBeRepeated(StatementText statement) throws SQLException {
		return this.cockroach && statement.sql() != null && !statement.isSeveral() && !statement.mayCommit(false)
				&& !this.target.isClosed() && this.driver.getAutoCommit();
	}

	/**
	 * Drop the statements, if they may be stale. The driver reads the server's answer and
	 * prepares them anew. Inside a transaction that would be one statement more, which
	 * another one may depend on; only one that was rolled back to a savepoint cannot go
	 * on otherwise.
	 */
	private void drop() throws SQLException {
		if (!this.found.isAny()) {
			return;
		}
		TransactionState state = this.driver.getTransactionState();
		if (state == TransactionState.IDLE || (state == TransactionState.OPEN && this.found.here)) {
			long known = this.found.inPool.get();
			try (Statement statement = this.driver.createStatement()) {
				((BaseStatement) statement).executeWithFlags("DEALLOCATE ALL", FLAGS);
			}
			this.found.dropped(known);
		}
	}

	/**
	 * What is known of stale statements on one physical connection. Like the connection
	 * it is used by one thread at a time.
	 */
	static final class Found {

		private final AtomicLong inPool;

		private long dropped;

		private boolean here;

		/**
		 * Create a new instance for a connection without prepared statements.
		 * @param inPool how often one was found in the whole pool
		 */
		Found(AtomicLong inPool) {
			this.inPool = inPool;
			this.dropped = inPool.get();
		}

		private boolean isAny() {
			return this.here || this.dropped != this.inPool.get();
		}

		private void onThisConnection() {
			this.here = true;
			this.inPool.incrementAndGet();
		}

		private void dropped(long known) {
			this.here = false;
			this.dropped = known;
		}

	}

}
