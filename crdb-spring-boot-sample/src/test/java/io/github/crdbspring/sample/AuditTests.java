package io.github.crdbspring.sample;

import java.math.BigDecimal;
import java.time.Duration;

import io.github.crdbspring.sample.TestBank.Answer;
import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the audit that a changefeed feeds.
 */
@CrdbTestDatabase
@Timeout(180)
class AuditTests {

	@Test
	void isOffWithoutChangefeedsAndSaysWhy(TestDatabase database) {
		assumeThat(database.isCockroach()).as("Has changefeeds").isFalse();
		try (TestBank bank = TestBank.start("--crdb.url=" + database.url())) {
			JsonNode audit = bank.get("/audit").body();
			assertThat(audit.get("state").stringValue()).isEqualTo("OFF");
			assertThat(audit.get("note").stringValue()).contains("CockroachDB", "PostgreSQL does not have");
			assertThat(bank.get("/actuator/health").text("status")).isEqualTo("UP");
		}
	}

	@Test
	void countsEachTransferOnceAcrossRestarts(TestDatabase database) {
		assumeThat(database.isCockroach()).as("Has changefeeds").isTrue();
		database.jdbc().sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
		try (TestBank bank = TestBank.start("--crdb.url=" + database.url())) {
			load(bank);
			awaitComplete(bank);
			assertThat(bank.get("/audit").text("state")).isEqualTo("RUNNING");
			assertThat(bank.get("/actuator/crdbchangefeeds").body().at("/listeners/transfer-audit/state").stringValue())
				.isEqualTo("RUNNING");
			// Ends while there is something to count
			load(bank);
		}
		try (TestBank bank = TestBank.start("--crdb.url=" + database.url())) {
			load(bank);
			awaitComplete(bank);
		}
	}

	@Test
	void saysWhatIsMissingWithoutRangefeeds(TestDatabase database) {
		assumeThat(database.isCockroach()).as("Has changefeeds").isTrue();
		database.jdbc().sql("SET CLUSTER SETTING kv.rangefeed.enabled = false").update();
		try (TestBank bank = TestBank.start("--crdb.url=" + database.url())) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(bank.get("/audit").text("state")).isEqualTo("FAILED"));
			assertThat(bank.get("/audit").text("note")).contains("SET CLUSTER SETTING kv.rangefeed.enabled = true");
			database.jdbc().sql("SET CLUSTER SETTING kv.rangefeed.enabled = true").update();
			bank.post("/actuator/crdbchangefeeds/transfer-audit", "{\"action\": \"start\"}");
			load(bank);
			awaitComplete(bank);
		}
	}

	private static void load(TestBank bank) {
		Answer answer = bank.post("/load", """
				{"transfers": 100, "threads": 4, "accounts": 20}""");
		assertThat(answer.status()).isEqualTo(200);
	}

	private static void awaitComplete(TestBank bank) {
		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
			JsonNode audit = bank.get("/audit").body();
			assertThat(audit.get("transfers").longValue()).isEqualTo(bank.countTransfers());
			assertThat(audit.get("amount").decimalValue()).isEqualByComparingTo(
					bank.jdbc().sql("SELECT sum(amount) FROM transfer").query(BigDecimal.class).single());
		});
	}

}
