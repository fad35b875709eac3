package io.github.crdbspring.compatibility.mistaken;

import java.util.stream.Stream;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.CrudRepository;

/**
 * A repository with a method that cannot be run again.
 */
interface StreamRepository extends CrudRepository<StreamRepository.Row, Integer> {

	@CrdbTransactional
	Stream<Row> readAllByName(String name);

	@Table("owner")
	record Row(@Id Integer id, String name) {

	}

}
