package io.github.crdbspring.stack;

import io.github.crdbspring.stack.UpsertTests.Stock;

import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.CrudRepository;

/**
 * A repository of Spring Data JDBC with statements that insert or update.
 */
interface DataJdbcStockRepository extends CrudRepository<Stock, Integer> {

	@Modifying
	@Query("UPSERT INTO stock (id, code, amount) VALUES (:id, :code, :amount)")
	int upsert(int id, String code, int amount);

	@Modifying
	@Query("""
			INSERT INTO stock (id, code, amount) VALUES (:id, :code, :amount)
			ON CONFLICT (id) DO UPDATE SET amount = stock.amount + excluded.amount""")
	int add(int id, String code, int amount);

}
