package io.github.crdbspring.test.stack;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.Repository;

/**
 * A repository of Spring Data JDBC's, with a method that is retried.
 */
interface JdbcCurrencies extends Repository<CurrencyRow, String> {

	@CrdbTransactional(name = "stack")
	@Modifying
	@Query("INSERT INTO currency VALUES (:code)")
	void add(String code);

}
