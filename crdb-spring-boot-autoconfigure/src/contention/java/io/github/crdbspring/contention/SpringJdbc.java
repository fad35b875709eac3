package io.github.crdbspring.contention;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Runs bodies on the connection of Spring's transaction.
 */
final class SpringJdbc {

	private final JdbcOperations jdbc;

	SpringJdbc(JdbcOperations jdbc) {
		this.jdbc = jdbc;
	}

	void run(TransactionBody body) {
		this.jdbc.execute((ConnectionCallback<Boolean>) (connection) -> {
			body.run(connection, false);
			return true;
		});
	}

}
