package io.github.crdbspring.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/**
 * An account as an entity.
 */
@Entity
class Account {

	@Id
	private int id;

	private int balance;

	protected Account() {
	}

	Account(int id, int balance) {
		this.id = id;
		this.balance = balance;
	}

	int getBalance() {
		return this.balance;
	}

	void setBalance(int balance) {
		this.balance = balance;
	}

}
