package io.github.crdbspring.compatibility.repository;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.data.repository.CrudRepository;

/**
 * A repository with an annotated method, which it inherits.
 */
interface MethodOwnerRepository extends CrudRepository<Owner, Integer> {

	@Override
	@CrdbTransactional(maxAttempts = 5)
	<S extends Owner> S save(S owner);

	@CrdbTransactional(name = "counting")
	@Override
	long count();

}
