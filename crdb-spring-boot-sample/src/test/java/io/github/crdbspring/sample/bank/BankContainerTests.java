package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.UUID;

import io.github.crdbspring.test.CrdbContainers;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.InjectRetries;
import org.junit.jupiter.api.Test;
import org.testcontainers.cockroachdb.CockroachContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows a container of the test's own, with the settings for fast tests. Skipped where
 * there is no Docker.
 */
@Testcontainers(disabledWithoutDocker = true)
@CrdbTest
@Import({ Bank.class, Accounts.class, Transfers.class })
class BankContainerTests {

	@Container
	@ServiceConnection
	private static final CockroachContainer cockroach = CrdbContainers.fast();

	@Autowired
	private JdbcClient jdbc;

	@Test
	@InjectRetries
	void theTransactionsRunInTheContainer(@Autowired Bank bank) {
		UUID account = bank.openAccounts(1, BigDecimal.TEN).get(0);
		assertThat(bank.account(account).balance()).isEqualByComparingTo("10");
		assertThat(this.jdbc.sql("SELECT version()").query(String.class).single()).startsWith("CockroachDB");
	}

	@Test
	void theContainerHasTheSettingsForFastTests() {
		assertThat(String.join(" ", cockroach.getCommandParts())).contains("--store=type=mem");
		assertThat(this.jdbc.sql("SHOW CLUSTER SETTING jobs.retention_time").query(String.class).single())
			.isEqualTo("00:00:15");
	}

}
