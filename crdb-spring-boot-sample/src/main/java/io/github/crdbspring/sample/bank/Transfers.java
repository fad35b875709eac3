package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The history of transfers.
 */
@Repository
class Transfers {

	private static final String COLUMNS = "id, from_account, to_account, amount, created_at";

	private static final String SELECT = "SELECT " + COLUMNS + " FROM transfer";

	private static final String NEWEST = " ORDER BY created_at DESC, id LIMIT :limit";

	private final JdbcClient jdbcClient;

	Transfers(JdbcClient jdbcClient) {
		this.jdbcClient = jdbcClient;
	}

	Transfer add(UUID from, UUID to, BigDecimal amount) {
		return this.jdbcClient
			.sql("INSERT INTO transfer (from_account, to_account, amount) VALUES (:from, :to, :amount)" + " RETURNING "
					+ COLUMNS)
			.param("from", from)
			.param("to", to)
			.param("amount", amount)
			.query(Transfers::map)
			.single();
	}

	List<Transfer> findNewest(int limit) {
		return this.jdbcClient.sql(SELECT + NEWEST).param("limit", limit).query(Transfers::map).list();
	}

	List<Transfer> findNewest(UUID account, int limit) {
		// A transfer is never between an account and itself, so there are no duplicates
		return this.jdbcClient
			.sql("(" + SELECT + " WHERE from_account = :account" + NEWEST + ") UNION ALL (" + SELECT
					+ " WHERE to_account = :account" + NEWEST + ")" + NEWEST)
			.param("account", account)
			.param("limit", limit)
			.query(Transfers::map)
			.list();
	}

	private static Transfer map(ResultSet row, int number) throws SQLException {
		return new Transfer(row.getObject("id", UUID.class), row.getObject("from_account", UUID.class),
				row.getObject("to_account", UUID.class), row.getBigDecimal("amount"),
				row.getObject("created_at", OffsetDateTime.class));
	}

}
