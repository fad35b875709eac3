package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.test.Contention;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows transfers that conflict for real.
 */
@CrdbTest
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankContentionTests {

	@Test
	void transfersAtOnceLoseNothing(@Autowired Bank bank, @Autowired TransactionAttempts attempts) throws Exception {
		List<UUID> accounts = bank.openAccounts(2, new BigDecimal("100.00"));
		Contention.race(2, () -> bank.transfer(accounts.get(0), accounts.get(1), BigDecimal.TEN));
		assertThat(bank.account(accounts.get(0)).balance()).isEqualByComparingTo("80");
		assertThat(attempts).transaction("Bank.transfer").hasCalls(2).wasRetried().failedWith("40001").committed();
	}

}
