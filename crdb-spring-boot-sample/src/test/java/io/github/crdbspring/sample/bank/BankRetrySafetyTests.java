package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.RetrySafety;
import io.github.crdbspring.test.RetrySafetyReport;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows that what the bank does leaves nothing behind that a rollback does not undo.
 */
@CrdbTest
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankRetrySafetyTests {

	/**
	 * One that sends its receipts too early, and is found out.
	 */
	@Test
	void aReceiptInsideOfTheTransactionIsNotSafe(@Autowired Bank bank, @Autowired CrdbTransactionTemplate template)
			throws Exception {
		List<UUID> accounts = bank.openAccounts(2, new BigDecimal("100.00"));
		List<String> receipts = new ArrayList<>();
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer with receipt").build();
		RetrySafetyReport report = RetrySafety.report(() -> template.executeWithoutResult(options, (status) -> {
			bank.transfer(accounts.get(0), accounts.get(1), BigDecimal.TEN);
			receipts.add("receipt");
		}));
		assertThat(report.isSafe()).isFalse();
		assertThat(report.findings()).singleElement()
			.hasToString("in memory List of the action: 0 elements before, 1 element after the rollback "
					+ "(in the end +2, without the failure +1)");
	}

	@Test
	void aTransferIsSafeToBeRetried(@Autowired Bank bank) throws Exception {
		List<UUID> accounts = bank.openAccounts(2, new BigDecimal("100.00"));
		RetrySafety.check(() -> bank.transfer(accounts.get(0), accounts.get(1), BigDecimal.TEN));
	}

}
