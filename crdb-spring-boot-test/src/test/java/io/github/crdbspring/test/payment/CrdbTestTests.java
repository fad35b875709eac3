package io.github.crdbspring.test.payment;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTest}.
 */
@CrdbTest(keepTables = "currency")
@Import(SafePayments.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrdbTestTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void hasWhatTransactionsTake() {
		assertThat(this.context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
		assertThat(this.context.getBeansOfType(JdbcTemplate.class)).hasSize(1);
		assertThat(this.context.getBeansOfType(CrdbTransactionTemplate.class)).hasSize(1);
	}

	@Test
	void hasNothingElseOfTheApplication() {
		assertThat(this.context.getBeansOfType(Component.class)).isEmpty();
	}

	@Test
	void hasNoTransactionAroundIt() {
		assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isFalse();
	}

	@Test
	@InjectRetries
	@Order(1)
	void aMethodIsRetried(@Autowired SafePayments payments, @Autowired TransactionAttempts attempts) {
		payments.receive(1);
		this.jdbc.sql("INSERT INTO audit VALUES (1, 1)").update();
		assertThat(attempts).transaction("SafePayments.receive").hasAttempts(2).failedWith("40001").committed();
		assertThat(count("payment")).isOne();
	}

	@Test
	@Order(2)
	void tablesAreEmptiedAfterwardsUnlessTheyAreKept(@Autowired TransactionAttempts attempts) {
		assertThat(count("payment")).isZero();
		assertThat(count("audit")).isZero();
		assertThat(count("currency")).isOne();
		assertThat(count("flyway_schema_history")).isOne();
		assertThat(attempts).hasNoTransactions();
	}

	private int count(String table) {
		return this.jdbc.sql("SELECT count(*) FROM " + table).query(Integer.class).single();
	}

	/**
	 * A bean of the application.
	 */
	@org.springframework.stereotype.Component
	static class Component {

	}

}
