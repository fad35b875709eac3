package io.github.crdbspring.stack;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

/**
 * Accounts as Spring Data JPA sees them.
 */
interface AccountRepository extends JpaRepository<AccountEntity, Integer> {

	@Modifying
	@Query("UPDATE Account SET balance = :balance WHERE id = :id")
	void write(int id, int balance);

	@Modifying
	@Query("INSERT INTO Account (id, balance) VALUES (:id, :balance)")
	void insert(int id, int balance);

}
