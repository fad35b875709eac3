package io.github.crdbspring.stack;

import java.util.Optional;

import io.github.crdbspring.stack.DataJdbcTests.AccountRow;

import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.repository.Lock;
import org.springframework.data.repository.CrudRepository;

/**
 * The repository of an aggregate of Spring Data JDBC.
 */
interface DataJdbcAccountRepository extends CrudRepository<AccountRow, Integer> {

	@Lock(LockMode.PESSIMISTIC_WRITE)
	Optional<AccountRow> findWithLockById(int id);

}
