package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.UUID;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.EnabledOnCockroach;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows the whole application as a test's, on the database that there is. With
 * {@code crdb.test.inject-retries.enabled=true}, as the build runs all tests once more,
 * every transaction fails once.
 */
@SpringBootTest(properties = { "crdb.url=postgresql://that-of-the-test/bank", "bank.demo=false" })
@CrdbTestDatabase
class BankSuiteTests {

	@Autowired
	private Bank bank;

	@Test
	void theSuiteRunsWithAndWithoutFailures(@Autowired TransactionAttempts attempts,
			@Value("${crdb.test.inject-retries.enabled:false}") boolean injected) {
		UUID account = this.bank.openAccounts(1, BigDecimal.TEN).get(0);
		assertThat(this.bank.account(account).balance()).isEqualByComparingTo("10");
		assertThat(attempts).transaction("Bank.openAccounts").hasAttempts(injected ? 2 : 1).committed();
	}

	@Test
	@EnabledOnCockroach("22.1")
	void whatOnlyCockroachHasIsSkippedElsewhere(@Autowired JdbcClient jdbc) {
		assertThat(jdbc.sql("SELECT cluster_logical_timestamp() > 0").query(Boolean.class).single()).isTrue();
	}

}
