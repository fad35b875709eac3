package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * Stands between guarded connections and their server, for tests that need failures which
 * a server does not produce on demand. Infrastructure of this library's test kit, no API
 * for applications: nothing outside of the test kit implements it, and without one a
 * connection does without a step for it. A {@link CrdbConnectionCustomizer} that is one
 * as well is taken for it by every {@link CrdbDataSource} that has it among its
 * customizers.
 * <p>
 * Implementations have to be thread-safe.
 *
 * @since 0.1.0
 * @see CrdbDataSource#setFaultInjector(FaultInjector)
 */
public interface FaultInjector {

	/**
	 * Called with each connection that is handed out.
	 * @param connection the pool's connection, which is not guarded
	 * @param source the DataSource that hands it out, {@code null} if it comes from
	 * elsewhere
	 * @return what stands between that connection and the server until it is closed
	 */
	Faults open(Connection connection, @Nullable DataSource source);

	/**
	 * The faults of one connection, which is used by one thread at a time.
	 */
	interface Faults {

		/**
		 * Called when it is known that a transaction of this library runs on the
		 * connection, on that transaction's thread.
		 */
		void accompanied();

		/**
		 * Called when the server has executed a statement.
		 * @param statement the pool's statement that was executed
		 * @param sql its text, {@code null} if it is not known
		 * @param accompanied whether a transaction of this library is known to run on the
		 * connection
		 * @throws SQLException what the statement fails with
		 */
		void executed(Object statement, @Nullable String sql, boolean accompanied) throws SQLException;

		/**
		 * Called in place of COMMIT.
		 * @param commit sends COMMIT
		 * @param accompanied whether it is a transaction of this library that is to be
		 * committed
		 * @throws SQLException what COMMIT fails with
		 */
		void commit(Commit commit, boolean accompanied) throws SQLException;

	}

	/**
	 * Sends COMMIT, with all that goes with it.
	 */
	interface Commit {

		/**
		 * Send it, and wait for the answer.
		 * @throws SQLException if the answer is an error, or missing
		 */
		void send() throws SQLException;

	}

}
