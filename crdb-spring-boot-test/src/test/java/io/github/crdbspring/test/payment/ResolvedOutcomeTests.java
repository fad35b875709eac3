package io.github.crdbspring.test.payment;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for injected unknown outcomes where they are found out: what is found out is what
 * was really done.
 */
@CrdbTest(keepTables = "currency",
		properties = { "crdb.transaction.outcome.policy=resolve", "crdb.transaction.outcome.initialize-schema=always" })
@Import(SafePayments.class)
class ResolvedOutcomeTests {

	@Autowired
	private SafePayments payments;

	@Autowired
	private JdbcClient jdbc;

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_COMMITTED)
	void aCommitIsFoundOut(TransactionAttempts attempts) {
		this.payments.receive(1);
		assertThat(attempts).transaction("SafePayments.receive").hasAttempts(1).committed();
		assertThat(this.jdbc.sql("SELECT count(*) FROM payment").query(Integer.class).single()).isOne();
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_ROLLED_BACK)
	void aRollbackIsFoundOutAndRunAgain(TransactionAttempts attempts) {
		this.payments.receive(1);
		assertThat(attempts).transaction("SafePayments.receive").hasAttempts(2).committed();
		assertThat(this.jdbc.sql("SELECT count(*) FROM payment").query(Integer.class).single()).isOne();
	}

}
