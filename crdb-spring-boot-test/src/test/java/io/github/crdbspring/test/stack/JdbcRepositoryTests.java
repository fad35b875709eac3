package io.github.crdbspring.test.stack;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;

/**
 * Tests for failures of transactions of a repository of Spring Data JDBC's.
 */
@DataJdbcTest
class JdbcRepositoryTests extends StackTestBase {

	@Autowired
	private JdbcCurrencies currencies;

	@Override
	void insert(String code) {
		this.currencies.add(code);
	}

}
