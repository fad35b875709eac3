package io.github.crdbspring.stack;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/**
 * An account as an entity.
 */
@Entity(name = "Account")
@Table(name = "account")
class AccountEntity {

	@Id
	private int id;

	private int balance;

	protected AccountEntity() {
	}

	AccountEntity(int id, int balance) {
		this.id = id;
		this.balance = balance;
	}

	int getBalance() {
		return this.balance;
	}

}
