package io.github.crdbspring.chaos;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A bank that uses {@link JdbcClient}.
 */
class JdbcBank implements Bank {

	private final JdbcClient jdbc;

	JdbcBank(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public void move(Transfer transfer) {
		add(transfer.source(), -transfer.amount());
		add(transfer.target(), transfer.amount());
		this.jdbc.sql("INSERT INTO history (token, source, target, amount) VALUES (?, ?, ?, ?)")
			.params(transfer.token(), transfer.source(), transfer.target(), transfer.amount())
			.update();
	}

	private void add(int account, int amount) {
		long balance = this.jdbc.sql("SELECT balance FROM account WHERE id = ?")
			.param(account)
			.query(Long.class)
			.single();
		this.jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").params(balance + amount, account).update();
	}

}
