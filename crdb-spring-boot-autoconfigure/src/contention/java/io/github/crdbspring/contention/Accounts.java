package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Accounts, and transfers between two of them: both are read, then written. Each counts
 * the transfers that it took part in.
 */
final class Accounts implements DataSet {

	static final String TABLE = "CREATE TABLE account (run INT NOT NULL, id INT NOT NULL, balance INT NOT NULL, "
			+ "transfers INT NOT NULL, PRIMARY KEY (run, id))";

	private static final int OPENING_BALANCE = 1000;

	private static final String SELECT = "SELECT id, balance, transfers FROM account "
			+ "WHERE run = ? AND id IN (?, ?) ORDER BY id";

	private final int run;

	private final int size;

	private final Choice choice;

	Accounts(int run, int size, Duration thinkTime) {
		this(run, size, Choice.uniform(size, thinkTime));
	}

	/**
	 * Create accounts.
	 * @param choice draws the two of a transfer, of numbers from 1 to the size
	 */
	Accounts(int run, int size, Choice choice) {
		this.run = run;
		this.size = size;
		this.choice = choice;
	}

	@Override
	public void create(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("INSERT INTO account SELECT " + this.run
				+ ", id, " + OPENING_BALANCE + ", 0 FROM generate_series(1, " + this.size + ") AS s(id)")) {
			statement.executeUpdate();
		}
	}

	@Override
	public Task next() {
		Choice.Pair pair = this.choice.next();
		return new Task((connection, lock) -> transfer(connection, lock, pair), pair.source(), pair.target(),
				pair.label());
	}

	private void transfer(Connection connection, boolean lock, Choice.Pair pair) throws SQLException {
		List<Account> accounts = read(connection, lock, pair.source(), pair.target());
		Sleep.of(pair.thinkTime());
		// In the order of their ids: a deadlock is no 40001 on PostgreSQL
		for (Account account : accounts) {
			write(connection, account.after((account.id() == pair.source()) ? -1 : 1));
		}
	}

	private List<Account> read(Connection connection, boolean lock, int source, int target) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(lock ? SELECT + " FOR UPDATE" : SELECT)) {
			statement.setInt(1, this.run);
			statement.setInt(2, source);
			statement.setInt(3, target);
			List<Account> accounts = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					accounts.add(new Account(row.getInt(1), row.getInt(2), row.getInt(3)));
				}
			}
			return accounts;
		}
	}

	private void write(Connection connection, Account account) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("UPDATE account SET balance = ?, transfers = ? WHERE run = ? AND id = ?")) {
			statement.setInt(1, account.balance());
			statement.setInt(2, account.transfers());
			statement.setInt(3, this.run);
			statement.setInt(4, account.id());
			statement.executeUpdate();
		}
	}

	@Override
	public List<String> audit(Connection connection, long committed) throws SQLException {
		List<String> problems = new ArrayList<>();
		try (PreparedStatement statement = connection
			.prepareStatement("SELECT sum(balance), sum(transfers) FROM account WHERE run = " + this.run);
				ResultSet row = statement.executeQuery()) {
			row.next();
			long money = (long) this.size * OPENING_BALANCE;
			if (row.getLong(1) != money) {
				problems.add("the accounts hold " + row.getLong(1) + " instead of " + money);
			}
			if (row.getLong(2) != 2 * committed) {
				problems
					.add("the accounts took part in " + row.getLong(2) + " transfers instead of twice " + committed);
			}
		}
		return problems;
	}

	/**
	 * A row.
	 *
	 * @param id its number
	 * @param balance the money in it
	 * @param transfers how many transfers it took part in
	 */
	private record Account(int id, int balance, int transfers) {

		Account after(int amount) {
			return new Account(this.id, this.balance + amount, this.transfers + 1);
		}

	}

}
