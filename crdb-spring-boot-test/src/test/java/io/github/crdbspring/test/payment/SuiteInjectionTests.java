package io.github.crdbspring.test.payment;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@code crdb.test.inject-retries}, in a whole application.
 */
@SpringBootTest(webEnvironment = WebEnvironment.NONE, properties = "crdb.test.inject-retries.enabled=true")
@CrdbTestDatabase
@Import(SafePayments.class)
class SuiteInjectionTests {

	@Autowired
	private SafePayments payments;

	@Autowired
	private TransactionAttempts attempts;

	@Test
	void everyTransactionFailsOnce(@Autowired JdbcClient jdbc) {
		this.payments.receive(1);
		this.payments.receive(2);
		assertThat(this.attempts).transaction("SafePayments.receive").hasCalls(2).hasAttempts(4).committed();
		assertThat(jdbc.sql("SELECT count(*) FROM payment WHERE id IN (1, 2)").query(Integer.class).single())
			.isEqualTo(2);
	}

	@Test
	void aTransactionOnAThreadOfNobodysFailsAsWell() throws Exception {
		Thread thread = new Thread(null, () -> this.payments.receive(3), "own", 0, false);
		thread.start();
		thread.join();
		assertThat(this.attempts).transaction("SafePayments.receive").hasAttempts(2);
	}

	@Test
	@InjectRetries(times = 0)
	void aTestIsExempt() {
		this.payments.receive(4);
		assertThat(this.attempts).hasNoRetries();
	}

	@Test
	@InjectRetries(at = FailurePoint.CONNECTION_LOST)
	void theTestsOwnWins() {
		this.payments.receive(5);
		assertThat(this.attempts).transaction("SafePayments.receive").hasAttempts(2).failedWith("08006").committed();
	}

}
