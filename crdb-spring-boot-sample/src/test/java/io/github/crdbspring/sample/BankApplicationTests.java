package io.github.crdbspring.sample;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.github.crdbspring.sample.TestBank.Answer;
import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

@CrdbTestDatabase
class BankApplicationTests {

	private static TestBank bank;

	@BeforeAll
	static void start(TestDatabase database) {
		bank = TestBank.start("--crdb.url=" + database.url());
	}

	@AfterAll
	static void stop() {
		bank.close();
	}

	@Test
	void loadWithConflictsIsRetriedAndLosesNothing() {
		int historyBefore = bank.countTransfers();
		Answer answer = bank.post("/load", """
				{"transfers": 600, "threads": 8, "accounts": 5}""");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.number("failed")).isZero();
		assertThat(answer.number("committed") + answer.number("refused")).isEqualTo(600);
		assertThat(answer.number("retries")).isPositive();
		assertThat(answer.number("maxAttempts")).isBetween(2, 20);
		assertThat(decimal(answer.body(), "totalBefore")).isEqualByComparingTo("5000");
		assertThat(decimal(answer.body(), "totalAfter")).isEqualByComparingTo("5000");
		assertThat(bank.countTransfers() - historyBefore).isEqualTo(answer.number("committed"));
	}

	@Test
	void loadReportHasAllNumbers() {
		Answer answer = bank.post("/load", """
				{"transfers": 20, "threads": 2, "accounts": 10}""");
		assertThat(answer.body().propertyNames()).containsExactly("committed", "retries", "refused", "failed",
				"maxAttempts", "throughput", "p50Millis", "p99Millis", "totalBefore", "totalAfter");
		assertThat(answer.body().get("throughput").doubleValue()).isPositive();
		assertThat(answer.body().get("p50Millis").doubleValue()).isPositive()
			.isLessThanOrEqualTo(answer.body().get("p99Millis").doubleValue());
	}

	@Test
	void loadHasDefaultsForWhatIsMissing() {
		Answer answer = bank.post("/load", """
				{"transfers": 10}""");
		assertThat(answer.number("committed")).isEqualTo(10);
		assertThat(decimal(answer.body(), "totalAfter")).isEqualByComparingTo("10000");
	}

	@Test
	void loadIsOneAtATime() {
		CompletableFuture<Answer> first = bank.postAsync("/load", "{}");
		CompletableFuture<Answer> second = bank.postAsync("/load", "{}");
		assertThat(List.of(first.join().status(), second.join().status())).containsExactlyInAnyOrder(200, 409);
	}

	@Test
	void transferMovesMoneyAndIsInTheHistory() {
		UUID from = bank.openAccount("100.00");
		UUID to = bank.openAccount("5.00");
		Answer answer = bank.transfer(from, to, "40.25");
		assertThat(answer.status()).isEqualTo(201);
		assertThat(answer.text("from")).isEqualTo(from.toString());
		assertThat(answer.text("to")).isEqualTo(to.toString());
		assertThat(decimal(answer.body(), "amount")).isEqualByComparingTo("40.25");
		assertThat(answer.text("createdAt")).endsWith("Z");
		assertThat(bank.balance(from)).isEqualByComparingTo("59.75");
		assertThat(bank.balance(to)).isEqualByComparingTo("45.25");
		assertThat(bank.get("/transfers?account=" + from).body()).containsExactly(answer.body());
	}

	@Test
	void transferOfEverythingIsNoOverdraft() {
		UUID from = bank.openAccount("100.00");
		UUID to = bank.openAccount("0.00");
		assertThat(bank.transfer(from, to, "100").status()).isEqualTo(201);
		assertThat(bank.balance(from)).isZero();
		assertThat(bank.transfer(from, to, "0.01").status()).isEqualTo(409);
	}

	@Test
	void historyIsNewestFirstAndBounded() {
		UUID one = bank.openAccount("1000.00");
		UUID other = bank.openAccount("1000.00");
		for (int i = 1; i <= 51; i++) {
			bank.transfer(one, other, String.valueOf(i));
			bank.transfer(other, one, String.valueOf(i));
		}
		JsonNode history = bank.get("/transfers?account=" + one).body();
		assertThat(history.size()).isEqualTo(100);
		assertThat(decimal(history.get(0), "amount")).isEqualByComparingTo("51");
		assertThat(history.get(0).get("from").stringValue()).isEqualTo(other.toString());
		assertThat(decimal(history.get(99), "amount")).isEqualByComparingTo("2");
		assertThat(bank.get("/transfers").body().size()).isEqualTo(100);
	}

	@Test
	void accountsAreListed() {
		UUID account = bank.openAccount("12.34");
		Answer answer = bank.get("/accounts/" + account);
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.text("id")).isEqualTo(account.toString());
		assertThat(decimal(answer.body(), "balance")).isEqualByComparingTo("12.34");
		assertThat(bank.get("/accounts").body()).contains(answer.body());
	}

	@Test
	void actuatorShowsVendorAndVersion(TestDatabase database) {
		String vendor = database.serverInfo().vendor();
		Answer health = bank.get("/actuator/health/crdb");
		assertThat(health.text("status")).isEqualTo("UP");
		assertThat(health.body().at("/details/vendor").stringValue()).isEqualTo(vendor);
		assertThat(health.body().at("/details/version").stringValue()).isNotEmpty();
		Answer info = bank.get("/actuator/info");
		assertThat(info.body().at("/crdb/vendor").stringValue()).isEqualTo(vendor);
		assertThat(info.body().at("/crdb/version").stringValue())
			.isEqualTo(health.body().at("/details/version").stringValue());
	}

	private static BigDecimal decimal(JsonNode node, String field) {
		return node.get(field).decimalValue();
	}

	@Test
	void theDatabaseIsPartOfReadinessButNotOfLiveness() {
		Answer readiness = bank.get("/actuator/health/readiness");
		assertThat(readiness.text("status")).isEqualTo("UP");
		assertThat(readiness.body().at("/components/crdb/details/vendor").isString()).isTrue();
		assertThat(bank.get("/actuator/health/liveness").body().at("/components/crdb").isMissingNode()).isTrue();
	}

	@Test
	void actuatorShowsHowTransactionsFare() {
		bank.post("/load", "{\"transfers\":5,\"threads\":2,\"accounts\":3}");
		Answer crdb = bank.get("/actuator/crdb");
		assertThat(crdb.status()).isEqualTo(200);
		assertThat(crdb.body().at("/dataSources/dataSource/pool/maximum").intValue()).isPositive();
		assertThat(crdb.body().at("/transactions/Bank.transfer/outcomes/COMMITTED").intValue())
			.isGreaterThanOrEqualTo(5);
		assertThat(crdb.body().at("/transactions/Bank.transfer/attempts/1").isNumber()).isTrue();
	}

}
