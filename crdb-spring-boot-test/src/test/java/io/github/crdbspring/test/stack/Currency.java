package io.github.crdbspring.test.stack;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/**
 * A row of the table, for JPA.
 */
@Entity
class Currency {

	@Id
	private String code;

	protected Currency() {
	}

	Currency(String code) {
		this.code = code;
	}

	String getCode() {
		return this.code;
	}

}
