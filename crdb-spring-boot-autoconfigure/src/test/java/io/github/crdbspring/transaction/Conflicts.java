package io.github.crdbspring.transaction;

import io.github.crdbspring.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes real conflicts: a table of accounts, and a rival that changes them while another
 * transaction is under way.
 */
public final class Conflicts {

	private final boolean cockroach;

	private final JdbcClient rival;

	private final TransactionTemplate rivalTransaction;

	public Conflicts(TestDatabase database) {
		this.cockroach = database.isCockroach();
		var dataSource = database.pool(1);
		this.rival = JdbcClient.create(dataSource);
		this.rivalTransaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
		this.rival.sql("CREATE TABLE IF NOT EXISTS account (id INT PRIMARY KEY, balance INT NOT NULL)").update();
		reset();
	}

	public void reset() {
		this.rival.sql("DELETE FROM account").update();
		this.rival.sql("INSERT INTO account VALUES (1, 100), (2, 100)").update();
	}

	public static int read(JdbcClient jdbc, int id) {
		return jdbc.sql("SELECT balance FROM account WHERE id = ?").param(id).query(Integer.class).single();
	}

	public static void add(JdbcClient jdbc, int id, int amount) {
		jdbc.sql("UPDATE account SET balance = balance + ? WHERE id = ?").param(amount).param(id).update();
	}

	public int balance(int id) {
		return read(this.rival, id);
	}

	/**
	 * Change an account that the transaction has read and is about to write: its write
	 * fails with 40001.
	 */
	public void lostUpdate(int id) {
		add(this.rival, id, 1000);
	}

	/**
	 * Write what the rival reads, having read what the rival writes: the transaction
	 * fails with 40001 at COMMIT. CockroachDB's reads wait for uncommitted writes, and
	 * PostgreSQL finds the conflict in the later write, so that the order differs.
	 * @param idThatWasRead an account that the transaction has read
	 * @param idToBeWritten the account that it writes
	 * @param write writes it
	 */
	public void writeSkew(int idThatWasRead, int idToBeWritten, Runnable write) {
		if (!this.cockroach) {
			write.run();
		}
		this.rivalTransaction.executeWithoutResult((status) -> {
			read(this.rival, idToBeWritten);
			add(this.rival, idThatWasRead, 1000);
		});
		if (this.cockroach) {
			write.run();
		}
	}

}
