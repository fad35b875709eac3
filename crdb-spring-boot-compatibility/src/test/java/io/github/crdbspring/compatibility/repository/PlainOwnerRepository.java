package io.github.crdbspring.compatibility.repository;

import org.springframework.data.repository.ListCrudRepository;

/**
 * A repository without an annotation, except for one in a fragment.
 */
interface PlainOwnerRepository extends ListCrudRepository<Owner, Integer>, Renaming {

}
