package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.EnabledOnCockroach;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Shows the failures that are injected, except for those that leave the outcome open, and
 * what is recorded of transactions.
 */
@CrdbTest(properties = "crdb.transaction.timeout=1h")
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankRetriesTests {

	@Autowired
	private Bank bank;

	@Autowired
	private TransactionAttempts attempts;

	private UUID from;

	private UUID to;

	@BeforeEach
	void openAccounts() {
		List<UUID> accounts = this.bank.openAccounts(2, new BigDecimal("100.00"));
		this.from = accounts.get(0);
		this.to = accounts.get(1);
	}

	@Test
	@InjectRetries
	void aTransferIsMadeOnce() {
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		assertThat(this.bank.account(this.from).balance()).isEqualByComparingTo("90");
		assertThat(this.bank.transfers(this.from)).hasSize(1);
		assertThat(this.attempts).transaction("Bank.transfer").hasAttempts(2).failedWith("40001").committed();
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "UPDATE account", times = 3)
	void aTransferThatConflictsIsMadeOnce() {
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		assertThat(this.bank.account(this.to).balance()).isEqualByComparingTo("110");
		assertThat(this.attempts).transaction("Bank.transfer").hasAttempts(4).committed();
	}

	@Test
	@InjectRetries(at = FailurePoint.CONNECTION_LOST, transaction = "Bank.transfer")
	void aTransferThatLosesItsConnectionIsMadeOnce() {
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		assertThat(this.bank.account(this.to).balance()).isEqualByComparingTo("110");
		assertThat(this.attempts).transaction("Bank.transfer").hasAttempts(2).failedWith("08006");
	}

	@Test
	@InjectRetries(every = false)
	void onlyTheFirstTransferMeetsAnother() {
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		assertThat(this.attempts).transaction("Bank.transfer").hasCalls(2).hasAttempts(3).committed();
	}

	@Test
	@InjectRetries(at = FailurePoint.DEADLINE, transaction = "Bank.transfer")
	void aTransferThatHasNoTimeLeftIsNotMade() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.bank.transfer(this.from, this.to, BigDecimal.TEN));
		assertThat(this.bank.account(this.from).balance()).isEqualByComparingTo("100");
	}

	@Test
	@EnabledOnCockroach("22.1")
	@InjectRetries(at = FailurePoint.STATEMENT, server = true, transaction = "Bank.transfer")
	void aTransferThatCockroachItselfLetsFailIsMadeOnce() {
		this.bank.transfer(this.from, this.to, BigDecimal.TEN);
		assertThat(this.bank.account(this.to).balance()).isEqualByComparingTo("110");
		assertThat(this.attempts).transaction("Bank.transfer").hasAttempts(2).failedWith("40001");
	}

	@Test
	@InjectRetries(times = Integer.MAX_VALUE, transaction = "Bank.transfer")
	void aTransferThatNeverGetsThroughIsNotMade() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.bank.transfer(this.from, this.to, BigDecimal.TEN));
		assertThat(this.bank.account(this.from).balance()).isEqualByComparingTo("100");
	}

}
