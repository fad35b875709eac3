package io.github.crdbspring.test.stack;

import jakarta.persistence.EntityManager;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;

/**
 * Tests for failures of transactions in which JPA sends the statements.
 */
@DataJpaTest(properties = "spring.jpa.hibernate.ddl-auto=none")
class EntityManagerTests extends StackTestBase {

	@Autowired
	private EntityManager entityManager;

	@Override
	void insert(String code) {
		inTransaction(() -> this.entityManager.persist(new Currency(code)));
	}

}
