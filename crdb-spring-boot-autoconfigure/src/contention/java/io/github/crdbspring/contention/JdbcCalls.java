package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

/**
 * Transactions as written by hand with JDBC, run again until they succeed.
 */
final class JdbcCalls implements Calls {

	private static final String SERIALIZATION_FAILURE = "40001";

	/**
	 * Far beyond what a caller would wait for; ends a benchmark whose calls never do.
	 */
	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final DataSource dataSource;

	private final Pause pause;

	private final boolean lock;

	JdbcCalls(DataSource dataSource, Pause pause, boolean lock) {
		this.dataSource = dataSource;
		this.pause = pause;
		this.lock = lock;
	}

	@Override
	public void first(TransactionBody body, long source, long target, int amount) throws SQLException {
		run(body);
	}

	@Override
	public void second(TransactionBody body, long source, long target, int amount) throws SQLException {
		run(body);
	}

	private void run(TransactionBody body) throws SQLException {
		long begin = System.nanoTime();
		for (int failures = 1;; failures++) {
			try {
				attempt(body);
				return;
			}
			catch (SQLException ex) {
				if (!SERIALIZATION_FAILURE.equals(ex.getSQLState()) || System.nanoTime() - begin > PATIENCE.toNanos()) {
					throw ex;
				}
			}
			Sleep.of(this.pause.after(failures));
		}
	}

	private void attempt(TransactionBody body) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			try {
				body.run(connection, this.lock);
				connection.commit();
			}
			catch (SQLException | RuntimeException ex) {
				connection.rollback();
				throw ex;
			}
		}
	}

}
