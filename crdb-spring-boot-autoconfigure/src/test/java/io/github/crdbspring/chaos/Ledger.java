package io.github.crdbspring.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * The bank's tables. A transfer that was stored twice is there twice: its token is not
 * unique.
 */
final class Ledger {

	static final int ACCOUNTS = 200;

	private static final long BALANCE = 1_000_000;

	private final JdbcTemplate jdbc;

	Ledger(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	void create() {
		this.jdbc.execute("DROP TABLE IF EXISTS account, history");
		this.jdbc.execute("CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL)");
		this.jdbc.execute("""
				CREATE TABLE history (id BIGSERIAL PRIMARY KEY, token UUID NOT NULL, source INT NOT NULL,
					target INT NOT NULL, amount INT NOT NULL)""");
		this.jdbc.execute("CREATE INDEX history_token ON history (token)");
		this.jdbc.update("INSERT INTO account SELECT id, ? FROM generate_series(0, ?) AS ids(id)", BALANCE,
				ACCOUNTS - 1);
	}

	/**
	 * Have transactions write to ranges of several nodes of CockroachDB, as they do where
	 * tables are large.
	 */
	void split() {
		this.jdbc.execute("ALTER TABLE account SPLIT AT SELECT generate_series(20, " + (ACCOUNTS - 1) + ", 20)");
		this.jdbc.execute("""
				ALTER INDEX history_token SPLIT AT VALUES ('40000000-0000-0000-0000-000000000000'),
					('80000000-0000-0000-0000-000000000000'), ('c0000000-0000-0000-0000-000000000000')""");
		this.jdbc.execute("ALTER TABLE account SCATTER");
		this.jdbc.execute("ALTER INDEX history_token SCATTER");
	}

	/**
	 * Return how often transfers are there, by their tokens.
	 */
	Map<UUID, Integer> rows() {
		Map<UUID, Integer> rows = new HashMap<>();
		this.jdbc.query("SELECT token, count(*) FROM history GROUP BY token",
				(RowCallbackHandler) (row) -> rows.put(row.getObject(1, UUID.class), row.getInt(2)));
		return rows;
	}

	/**
	 * Return what is wrong with the balances: each is what the account had at first and
	 * what the history says came and went, and together they are what they were.
	 */
	List<String> wrongBalances() {
		List<String> wrong = new ArrayList<>();
		Long sum = this.jdbc.queryForObject("SELECT sum(balance) FROM account", Long.class);
		if (sum != BALANCE * ACCOUNTS) {
			wrong.add("all accounts together have " + sum + " instead of " + BALANCE * ACCOUNTS);
		}
		this.jdbc.query("""
				SELECT id, balance, expected FROM (SELECT id, balance, ?
					+ (SELECT coalesce(sum(amount), 0) FROM history WHERE target = account.id)
					- (SELECT coalesce(sum(amount), 0) FROM history WHERE source = account.id) AS expected
					FROM account) AS compared WHERE balance <> expected ORDER BY id""",
				(RowCallbackHandler) (row) -> wrong
					.add("account " + row.getInt(1) + " has " + row.getLong(2) + " instead of " + row.getLong(3)),
				BALANCE);
		return wrong;
	}

}
