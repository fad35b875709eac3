package io.github.crdbspring.test.stack;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.data.repository.CrudRepository;

/**
 * A repository of Spring Data JPA's, whose methods are retried.
 */
@CrdbTransactional(name = "stack")
interface JpaCurrencies extends CrudRepository<Currency, String> {

}
