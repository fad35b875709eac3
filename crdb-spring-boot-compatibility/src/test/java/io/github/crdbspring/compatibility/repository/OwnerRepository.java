package io.github.crdbspring.compatibility.repository;

import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.data.repository.ListCrudRepository;

/**
 * An annotated repository.
 */
@CrdbTransactional
interface OwnerRepository extends ListCrudRepository<Owner, Integer>, Renaming {

	List<Owner> findByName(String name);

	Stream<Owner> readAllByName(String name);

	default int saveBoth(Owner first, Owner second) {
		save(first);
		save(second);
		return 2;
	}

}
