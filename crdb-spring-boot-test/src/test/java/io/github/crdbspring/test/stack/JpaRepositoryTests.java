package io.github.crdbspring.test.stack;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;

/**
 * Tests for failures of transactions of a repository of Spring Data JPA's.
 */
@DataJpaTest(properties = "spring.jpa.hibernate.ddl-auto=none")
class JpaRepositoryTests extends StackTestBase {

	@Autowired
	private JpaCurrencies currencies;

	@Override
	void insert(String code) {
		this.currencies.save(new Currency(code));
	}

}
