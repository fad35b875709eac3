package io.github.crdbspring.compatibility.repository;

import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/**
 * Changes names in plain SQL.
 */
class RenamingImpl implements Renaming {

	private final JdbcClient jdbc;

	RenamingImpl(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	@CrdbTransactional(nested = NestedTransactionPolicy.REJECT)
	public void rename(int id, String name) {
		renameWithoutAnnotation(id, name);
	}

	@Override
	@Transactional
	public void renameWithSpring(int id, String name) {
		renameWithoutAnnotation(id, name);
	}

	@Override
	public void renameWithoutAnnotation(int id, String name) {
		this.jdbc.sql("SELECT name FROM owner WHERE id = ?").param(id).query(String.class).single();
		Interference.now();
		this.jdbc.sql("UPDATE owner SET name = ? WHERE id = ?").param(name).param(id).update();
	}

}
