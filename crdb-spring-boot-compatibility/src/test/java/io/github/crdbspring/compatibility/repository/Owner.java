package io.github.crdbspring.compatibility.repository;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PreUpdate;

import org.springframework.data.annotation.PersistenceCreator;
import org.springframework.data.relational.core.mapping.Table;

/**
 * An entity of Spring Data JDBC as well as of JPA.
 */
@Entity
@Table("owner")
@jakarta.persistence.Table(name = "owner")
class Owner {

	@Id
	@org.springframework.data.annotation.Id
	private Integer id;

	private String name;

	protected Owner() {
	}

	@PersistenceCreator
	Owner(Integer id, String name) {
		this.id = id;
		this.name = name;
	}

	Integer getId() {
		return this.id;
	}

	String getName() {
		return this.name;
	}

	@PreUpdate
	void beforeUpdate() {
		Interference.now();
	}

}
