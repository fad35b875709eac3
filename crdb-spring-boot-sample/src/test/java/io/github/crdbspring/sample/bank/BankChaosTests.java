package io.github.crdbspring.sample.bank;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.RetryInjection;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Shows tests without Spring: a template, a database of the test's own, and a proxy that
 * cuts the connection at a chosen statement.
 */
@CrdbTestDatabase
class BankChaosTests {

	private final TransactionAttempts attempts = new TransactionAttempts();

	private TestDatabase database;

	private WireProxy proxy;

	private JdbcClient jdbc;

	private CrdbTransactionTemplate template;

	@BeforeEach
	void prepare(TestDatabase database) {
		this.database = database;
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS visit (id INT PRIMARY KEY)").update();
		this.proxy = database.proxy();
		CrdbDataSource dataSource = RetryInjection.install(new CrdbDataSource(database.pool(2, this.proxy)));
		this.jdbc = JdbcClient.create(dataSource);
		this.template = new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource), dataSource,
				CrdbTransactionOptions.builder().name("visit").build(),
				this.attempts.observe(CrdbTransactionSettings.defaults()));
	}

	@AfterEach
	void close() throws Exception {
		this.proxy.close();
	}

	@Test
	@InjectRetries
	void aTemplateIsEnough() {
		visit(1);
		assertThat(this.attempts).transaction("visit").hasAttempts(2).committed();
	}

	@Test
	void aConnectionThatIsCutInAStatementIsMadeUpFor() {
		this.proxy.failNext("INSERT", Fault.CUT_AFTER);
		visit(2);
		assertThat(this.attempts).transaction("visit").hasAttempts(2).committed();
	}

	@Test
	void aConnectionThatIsCutBehindCommitLeavesTheOutcomeUnknown() {
		this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> visit(3));
		assertThat(this.database.jdbc().sql("SELECT count(*) FROM visit WHERE id = 3").query(Integer.class).single())
			.isOne();
	}

	private void visit(int id) {
		this.template
			.executeWithoutResult((status) -> this.jdbc.sql("INSERT INTO visit VALUES (?)").param(id).update());
	}

}
