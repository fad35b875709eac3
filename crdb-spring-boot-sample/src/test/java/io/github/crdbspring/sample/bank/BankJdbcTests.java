package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.UUID;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows the test kit in a slice of Spring Boot's own, without the transaction around each
 * method in which nothing could be retried.
 */
@JdbcTest
@Transactional(propagation = Propagation.NOT_SUPPORTED)
@CrdbTestDatabase
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankJdbcTests {

	@Test
	@InjectRetries
	void anAccountIsOpenedOnce(@Autowired Bank bank, @Autowired TransactionAttempts attempts) {
		UUID account = bank.openAccounts(1, BigDecimal.TEN).get(0);
		assertThat(bank.account(account).balance()).isEqualByComparingTo("10");
		assertThat(attempts).transaction("Bank.openAccounts").hasAttempts(2).committed();
	}

}
