package io.github.crdbspring.compatibility;

import io.github.crdbspring.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Somebody else who changes accounts while a transaction is under way, so that it fails.
 */
class Rival {

	private final boolean cockroach;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	Rival(TestDatabase database) {
		var pool = database.pool(1);
		this.cockroach = database.isCockroach();
		this.jdbc = JdbcClient.create(pool);
		this.transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
		this.jdbc.sql("CREATE TABLE IF NOT EXISTS account (id INT PRIMARY KEY, balance INT NOT NULL)").update();
	}

	void reset() {
		this.jdbc.sql("DELETE FROM account").update();
		this.jdbc.sql("INSERT INTO account VALUES (1, 100), (2, 100)").update();
	}

	static int read(JdbcClient jdbc, int id) {
		return jdbc.sql("SELECT balance FROM account WHERE id = ?").param(id).query(Integer.class).single();
	}

	static void write(JdbcClient jdbc, int id, int balance) {
		jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").param(balance).param(id).update();
	}

	int balance(int id) {
		return read(this.jdbc, id);
	}

	/**
	 * Change an account that a transaction has read and is about to write: that fails.
	 */
	void intervene(int id) {
		this.jdbc.sql("UPDATE account SET balance = balance + 1000 WHERE id = ?").param(id).update();
	}

	/**
	 * Have a transaction fail at COMMIT: it has read account 2, and writes account 1,
	 * while this one does the opposite. CockroachDB's reads wait for writes, so that the
	 * order differs.
	 */
	void interveneAtCommit(Runnable write) {
		if (!this.cockroach) {
			write.run();
		}
		this.transaction.executeWithoutResult((status) -> {
			balance(1);
			intervene(2);
		});
		if (this.cockroach) {
			write.run();
		}
	}

}
