package io.github.crdbspring.chaos;

import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/**
 * A bank that uses entities of JPA. Balances are written when the transaction is about to
 * be committed.
 */
class JpaBank implements Bank {

	private final EntityManager entityManager;

	JpaBank(EntityManager entityManager) {
		this.entityManager = entityManager;
	}

	@Override
	public void move(Transfer transfer) {
		this.entityManager.find(Account.class, transfer.source()).balance -= transfer.amount();
		this.entityManager.find(Account.class, transfer.target()).balance += transfer.amount();
		this.entityManager.persist(new History(transfer));
	}

	/**
	 * An account as an entity.
	 */
	@Entity(name = "Account")
	@Table(name = "account")
	static class Account {

		@Id
		private int id;

		private long balance;

	}

	/**
	 * A row of the history as an entity, whose id the database chooses.
	 */
	@Entity(name = "History")
	@Table(name = "history")
	static class History {

		@Id
		@GeneratedValue(strategy = GenerationType.IDENTITY)
		private Long id;

		private UUID token;

		private int source;

		private int target;

		private int amount;

		protected History() {
		}

		History(Transfer transfer) {
			this.token = transfer.token();
			this.source = transfer.source();
			this.target = transfer.target();
			this.amount = transfer.amount();
		}

	}

}
