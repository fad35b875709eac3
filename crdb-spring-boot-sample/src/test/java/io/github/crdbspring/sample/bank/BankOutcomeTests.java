package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Shows how code is tested that deals with an unknown outcome: it has to be right
 * whichever of the two is true. The bank itself has it found out, which is switched off
 * here.
 */
@CrdbTest(properties = "crdb.transaction.outcome.policy=report")
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankOutcomeTests {

	@Autowired
	private Bank bank;

	private UUID from;

	private UUID to;

	@BeforeEach
	void openAccounts() {
		List<UUID> accounts = this.bank.openAccounts(2, new BigDecimal("100.00"));
		this.from = accounts.get(0);
		this.to = accounts.get(1);
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_COMMITTED, transaction = "Bank.transfer")
	void anUnknownTransferWasMade() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.bank.transfer(this.from, this.to, BigDecimal.TEN));
		assertThat(this.bank.transfers(this.from)).hasSize(1);
	}

	@Test
	@InjectRetries(at = FailurePoint.AMBIGUOUS_ROLLED_BACK, transaction = "Bank.transfer")
	void anUnknownTransferWasNotMade() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.bank.transfer(this.from, this.to, BigDecimal.TEN));
		assertThat(this.bank.transfers(this.from)).isEmpty();
	}

}
