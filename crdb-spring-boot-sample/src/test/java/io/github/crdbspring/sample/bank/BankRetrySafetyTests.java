package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.RetrySafety;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

/**
 * Shows that what the bank does leaves nothing behind that a rollback does not undo.
 */
@CrdbTest
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankRetrySafetyTests {

	@Test
	void aTransferIsSafeToBeRetried(@Autowired Bank bank) throws Exception {
		List<UUID> accounts = bank.openAccounts(2, new BigDecimal("100.00"));
		RetrySafety.check(() -> bank.transfer(accounts.get(0), accounts.get(1), BigDecimal.TEN));
	}

}
