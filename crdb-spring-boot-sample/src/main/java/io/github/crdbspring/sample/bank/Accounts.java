package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The table of accounts.
 */
@Repository
class Accounts {

	private final JdbcClient jdbcClient;

	Accounts(JdbcClient jdbcClient) {
		this.jdbcClient = jdbcClient;
	}

	List<Account> findNewest(int limit) {
		return this.jdbcClient
			.sql("SELECT id, balance, opened_at FROM account ORDER BY opened_at DESC, id LIMIT :limit")
			.param("limit", limit)
			.query(Accounts::map)
			.list();
	}

	Optional<Account> find(UUID id) {
		return this.jdbcClient.sql("SELECT id, balance, opened_at FROM account WHERE id = :id")
			.param("id", id)
			.query(Accounts::map)
			.optional();
	}

	List<Account> findAll(Collection<UUID> ids) {
		return this.jdbcClient
			.sql("SELECT id, balance, opened_at FROM account WHERE id IN (:ids) ORDER BY opened_at, id")
			.param("ids", ids)
			.query(Accounts::map)
			.list();
	}

	Map<UUID, BigDecimal> balances(UUID... ids) {
		return this.jdbcClient.sql("SELECT id, balance FROM account WHERE id IN (:ids)")
			.param("ids", List.of(ids))
			.query((row, number) -> Map.entry(row.getObject("id", UUID.class), row.getBigDecimal("balance")))
			.list()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
	}

	BigDecimal total(Collection<UUID> ids) {
		return this.jdbcClient.sql("SELECT sum(balance) FROM account WHERE id IN (:ids)")
			.param("ids", ids)
			.query(BigDecimal.class)
			.single();
	}

	void setBalance(UUID id, BigDecimal balance) {
		this.jdbcClient.sql("UPDATE account SET balance = :balance WHERE id = :id")
			.param("balance", balance)
			.param("id", id)
			.update();
	}

	List<UUID> open(int count, BigDecimal balance) {
		return this.jdbcClient
			.sql("INSERT INTO account (balance) SELECT :balance FROM generate_series(1, :count) RETURNING id")
			.param("balance", balance)
			.param("count", count)
			.query(UUID.class)
			.list();
	}

	private static Account map(ResultSet row, int number) throws SQLException {
		return new Account(row.getObject("id", UUID.class), row.getBigDecimal("balance"),
				row.getObject("opened_at", OffsetDateTime.class));
	}

}
