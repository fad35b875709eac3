package io.github.crdbspring.sample;

import java.io.IOException;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the packaged application, processed ahead of time. They run after it has been
 * packaged.
 */
@CrdbTestDatabase
class PackagedApplicationTests {

	@Test
	void everythingWorksAheadOfTime(TestDatabase database) throws Exception {
		String vendor = database.serverInfo().vendor();
		try (PackagedBank bank = PackagedBank.start("--crdb.url=" + database.url())) {
			bank.await("total balance ");
			assertThat(bank.log()).contains("Starting AOT-processed BankApplication")
				.containsPattern("database +" + vendor + " \\d")
				.containsPattern("transfers +1000 committed, 0 refused, 0 failed")
				.containsPattern("retries +[1-9]\\d*, at most \\d+ attempts")
				.containsPattern("balance +total balance unchanged: 10000.00");
			assertLoad(bank);
			assertProblem(bank);
			JsonNode health = bank.get("/actuator/health");
			assertThat(health.at("/components/crdb/status").stringValue()).isEqualTo("UP");
			assertThat(health.at("/components/crdb/details/vendor").stringValue()).isEqualTo(vendor);
			JsonNode info = bank.get("/actuator/info");
			assertThat(info.at("/crdb/vendor").stringValue()).isEqualTo(vendor);
			assertThat(info.at("/crdb/starter/version").stringValue()).matches("\\d+\\.\\d+\\..+");
			assertThat(info.at("/crdb/pool/maximum").intValue()).isEqualTo(16);
			assertThat(bank.get("/actuator/crdb").toString()).contains(vendor, "Bank.transfer");
		}
	}

	private static void assertLoad(PackagedBank bank) throws IOException, InterruptedException {
		JsonNode load = bank.post("/load", """
				{"transfers": 200, "threads": 8, "accounts": 4}""");
		assertThat(load.get("committed").intValue()).isEqualTo(200);
		assertThat(load.get("retries").intValue()).isPositive();
		assertThat(load.get("totalAfter").decimalValue()).isEqualByComparingTo("4000");
	}

	private static void assertProblem(PackagedBank bank) throws IOException, InterruptedException {
		JsonNode accounts = bank.get("/accounts");
		JsonNode problem = bank.post("/transfers", """
				{"from": "%s", "to": "%s", "amount": 99999999}""".formatted(accounts.get(0).get("id").stringValue(),
				accounts.get(1).get("id").stringValue()));
		assertThat(problem.get("status").intValue()).isEqualTo(409);
	}

	@Test
	void whatWasDecidedByTheBuildIsNotIgnored(TestDatabase database) throws Exception {
		try (PackagedBank bank = PackagedBank.start("--crdb.url=" + database.url(),
				"--crdb.require-cockroachdb=true")) {
			assertThat(bank.awaitEnd()).isEqualTo(1);
			assertThat(bank.log()).contains("crdb.require-cockroachdb")
				.contains("It was false when the application was processed ahead of time");
		}
	}

}
