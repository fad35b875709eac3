package io.github.crdbspring.test.stack;

import javax.sql.DataSource;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is the same for all ways to the database: whatever sends the statements, the
 * transaction fails as the test says, and is run again.
 */
@CrdbTestDatabase
@Transactional(propagation = Propagation.NOT_SUPPORTED)
abstract class StackTestBase {

	@Autowired
	private CrdbTransactionTemplate template;

	@Autowired
	private TransactionAttempts attempts;

	private JdbcClient jdbc;

	@Autowired
	void use(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
	}

	/**
	 * Insert a currency.
	 */
	abstract void insert(String code);

	final void inTransaction(Runnable action) {
		this.template.executeWithoutResult(CrdbTransactionOptions.builder().name("stack").build(),
				(status) -> action.run());
	}

	@AfterEach
	void clean() {
		this.jdbc.sql("DELETE FROM currency WHERE code <> 'EUR'").update();
	}

	@Test
	@InjectRetries
	void aCommitFails() {
		insert("USD");
		assertThat(this.attempts).transaction("stack").hasAttempts(2).failedWith("40001").committed();
		assertThat(count()).isEqualTo(2);
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "INSERT INTO currency")
	void aStatementFails() {
		insert("USD");
		assertThat(this.attempts).transaction("stack").hasAttempts(2).failedWith("40001").committed();
		assertThat(count()).isEqualTo(2);
	}

	@Test
	@InjectRetries(at = FailurePoint.CONNECTION_LOST, times = 2)
	void aConnectionIsLost() {
		insert("USD");
		assertThat(this.attempts).transaction("stack").hasAttempts(3).failedWith("08006").committed();
		assertThat(count()).isEqualTo(2);
	}

	private int count() {
		return this.jdbc.sql("SELECT count(*) FROM currency").query(Integer.class).single();
	}

}
