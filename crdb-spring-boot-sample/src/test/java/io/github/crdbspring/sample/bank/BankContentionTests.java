package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.Contention;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
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

	/**
	 * Each empties another account, and only because of what it has read of both: nobody
	 * waits for the other's lock, so that they have to meet before COMMIT.
	 */
	@Test
	void notBothAccountsAreEmptied(@Autowired Bank bank, @Autowired Accounts accounts,
			@Autowired CrdbTransactionTemplate template, @Autowired TransactionAttempts attempts) throws Exception {
		List<UUID> ids = bank.openAccounts(2, new BigDecimal("100.00"));
		AtomicInteger racers = new AtomicInteger();
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("empty").build();
		Contention.raceToCommit(2, () -> {
			UUID own = ids.get(racers.getAndIncrement());
			template.executeWithoutResult(options, (status) -> {
				if (accounts.total(ids).compareTo(new BigDecimal("200")) == 0) {
					accounts.setBalance(own, BigDecimal.ZERO);
				}
			});
		});
		assertThat(bank.total(ids)).isEqualByComparingTo("100");
		assertThat(attempts).transaction("empty").hasCalls(2).wasRetried().failedWith("40001").committed();
	}

}
