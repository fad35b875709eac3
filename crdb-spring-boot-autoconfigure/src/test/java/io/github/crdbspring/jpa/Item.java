package io.github.crdbspring.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;

/**
 * An entity whose changes are checked against its version.
 */
@Entity
class Item {

	@Id
	private int id;

	@Version
	private int version;

	private int amount;

	int getAmount() {
		return this.amount;
	}

	void add(int change) {
		this.amount += change;
	}

}
