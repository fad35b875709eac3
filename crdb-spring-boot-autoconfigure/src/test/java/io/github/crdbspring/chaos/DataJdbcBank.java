package io.github.crdbspring.chaos;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A bank that uses aggregates of Spring Data JDBC.
 */
class DataJdbcBank implements Bank {

	private final JdbcAggregateOperations aggregates;

	DataJdbcBank(JdbcAggregateOperations aggregates) {
		this.aggregates = aggregates;
	}

	@Override
	public void move(Transfer transfer) {
		add(transfer.source(), -transfer.amount());
		add(transfer.target(), transfer.amount());
		this.aggregates
			.insert(new History(null, transfer.token(), transfer.source(), transfer.target(), transfer.amount()));
	}

	private void add(int id, int amount) {
		Account account = this.aggregates.findById(id, Account.class);
		this.aggregates.update(new Account(id, account.balance() + amount));
	}

	/**
	 * An account as an aggregate.
	 */
	@Table("account")
	record Account(@Id int id, long balance) {

	}

	/**
	 * A row of the history as an aggregate, whose id the database chooses.
	 */
	@Table("history")
	record History(@Id @Nullable Long id, UUID token, int source, int target, int amount) {

	}

}
