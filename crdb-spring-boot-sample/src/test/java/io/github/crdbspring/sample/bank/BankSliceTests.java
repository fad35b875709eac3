package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.test.CrdbTest;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows the slice: what is imported, the migrations, and nothing else of the application;
 * tables are emptied after each method, but for those that are kept.
 */
@CrdbTest(keepTables = "account")
@Import({ Bank.class, Accounts.class, Transfers.class })
@TestMethodOrder(OrderAnnotation.class)
class BankSliceTests {

	@Autowired
	private Bank bank;

	@Autowired
	private JdbcClient jdbc;

	@Test
	@Order(1)
	void aTransferIsInTheHistory() {
		List<UUID> accounts = this.bank.openAccounts(2, new BigDecimal("100.00"));
		this.bank.transfer(accounts.get(0), accounts.get(1), BigDecimal.TEN);
		assertThat(this.bank.transfers(null)).hasSize(1);
	}

	@Test
	@Order(2)
	void theHistoryIsEmptyAgainAndTheAccountsAreKept() {
		assertThat(this.bank.transfers(null)).isEmpty();
		assertThat(this.jdbc.sql("SELECT count(*) FROM account").query(Integer.class).single()).isEqualTo(2);
	}

	@Test
	void theRestOfTheApplicationIsNotThere(@Autowired ApplicationContext context) {
		assertThat(context.getBeansOfType(AccountController.class)).isEmpty();
	}

}
