package io.github.crdbspring.test;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A template without Spring, and what it did.
 *
 * @param dataSource the DataSource
 * @param jdbc a client of it
 * @param template a template of it
 * @param attempts what ran
 */
record Kit(CrdbDataSource dataSource, JdbcClient jdbc, CrdbTransactionTemplate template, TransactionAttempts attempts) {

	static Kit of(CrdbDataSource dataSource) {
		TransactionAttempts attempts = new TransactionAttempts();
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource),
				dataSource, CrdbTransactionOptions.none(), attempts.observe(CrdbTransactionSettings.defaults()));
		return new Kit(dataSource, JdbcClient.create(dataSource), template, attempts);
	}

	static CrdbTransactionOptions named(String name) {
		return CrdbTransactionOptions.builder().name(name).build();
	}

	void insert(String name, int id) {
		this.template.executeWithoutResult(named(name),
				(status) -> this.jdbc.sql("INSERT INTO entry VALUES (?)").param(id).update());
	}

	int count(int id) {
		return this.jdbc.sql("SELECT count(*) FROM entry WHERE id = ?").param(id).query(Integer.class).single();
	}

}
