package io.github.crdbspring.sample;

import io.github.crdbspring.sample.TestBank.Answer;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the loads and the faults that the page asks for, as it is told of them.
 */
@DatabaseTest
@Timeout(120)
class PageExperimentTests {

	private static TestBank bank;

	private PageEvents events;

	@BeforeAll
	static void start(TestDatabase database) {
		bank = TestBank.start("--crdb.url=" + database.url());
	}

	@AfterAll
	static void stop() {
		bank.close();
	}

	@BeforeEach
	void listen() throws InterruptedException {
		this.events = new PageEvents(bank.request("/page/events").GET());
		this.events.await("accounts", (accounts) -> true);
		this.events.clear();
	}

	@AfterEach
	void calmDown() throws InterruptedException {
		bank.send(bank.request("/page/load").DELETE().header("Accept", "application/json"));
		this.events.clear();
		this.events.await("state", (state) -> state.get("load").isNull() && state.get("experiment").isNull());
		this.events.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "HOT", "SPREAD", "COLD" })
	void loadMovesFiguresButNotTheTotal(String shape) throws Exception {
		assertThat(load(shape, 4, 3)).isEqualTo(202);
		JsonNode state = this.events.await("state", (data) -> data.get("load").isObject());
		assertThat(state.at("/load/shape").stringValue()).isEqualTo(shape);
		JsonNode figures = this.events.await("figures", (data) -> data.get("throughput").doubleValue() > 0);
		assertThat(figures.get("attempts").doubleValue()).isGreaterThanOrEqualTo(1);
		assertThat(figures.get("p99").doubleValue()).isGreaterThanOrEqualTo(figures.get("p50").doubleValue())
			.isPositive();
		assertThat(figures.at("/totals/committed").longValue()).isPositive();
		assertThat(figures.at("/histogram/1").isNumber()).isTrue();
		assertThat(this.events.awaitSentence("ENDED")).contains("transfers committed", "The total is unchanged: 32000");
		this.events.clear();
		JsonNode accounts = this.events.await("accounts", (data) -> true);
		assertThat(accounts.get("accounts").size()).isEqualTo(32);
		assertThat(accounts.get("total").decimalValue()).isEqualByComparingTo("32000");
		assertThat(accounts.get("unchanged").booleanValue()).isTrue();
	}

	@Test
	void historyIsThereFromTheStart() throws Exception {
		load("COLD", 2, 1);
		this.events.awaitSentence("ENDED");
		this.events.await("figures", (data) -> data.get("throughput").doubleValue() > 0);
		try (PageEvents later = new PageEvents(bank.request("/page/events").GET())) {
			JsonNode history = later.await("history", (data) -> true);
			assertThat(history).anyMatch((figures) -> figures.get("throughput").doubleValue() > 0);
			later.awaitSentence("ENDED");
		}
	}

	@Test
	void cutAfterTheDatabaseHasCommittedIsResolvedAsCommitted() throws Exception {
		assertThat(cut("AFTER_COMMIT").status()).isEqualTo(202);
		assertThat(this.events.awaitSentence("RESOLVED")).contains("was cut after", "resolved: committed",
				"The total is unchanged: 32000");
		this.events.await("figures", (data) -> data.at("/totals/foundCommitted").longValue() > 0);
	}

	@Test
	void cutBeforeCommitArrivesIsResolvedAsNotCommittedAndRetried() throws Exception {
		assertThat(cut("BEFORE_COMMIT").status()).isEqualTo(202);
		assertThat(this.events.awaitSentence("RESOLVED")).contains("was cut before", "resolved: not committed",
				"retried", "The total is unchanged: 32000");
		this.events.await("figures", (data) -> data.at("/totals/foundRolledBack").longValue() > 0);
	}

	@Test
	void conflictsAreRetried() throws Exception {
		load("HOT", 4, 30);
		assertThat(bank.post("/page/conflicts", "{}").status()).isEqualTo(202);
		JsonNode happening = this.events.await("happening",
				(data) -> data.get("text").stringValue().contains("met a conflict"));
		assertThat(happening.get("kind").stringValue()).isEqualTo("RETRIED");
		assertThat(happening.get("text").stringValue()).containsPattern("[1-9][\\d,]* attempts met a conflict")
			.contains("The total is unchanged: 32000");
		this.events.await("figures", (data) -> data.get("retries").doubleValue() > 0);
	}

	@Test
	void databaseThatIsPausedIsWaitedFor() throws Exception {
		load("COLD", 4, 30);
		this.events.await("figures", (data) -> data.get("throughput").doubleValue() > 0);
		assertThat(bank.post("/page/pause", "{}").status()).isEqualTo(202);
		this.events.await("state", (data) -> data.get("experiment").isString());
		this.events.clear();
		// The figures go on when the database does not
		this.events.await("figures", (data) -> data.get("throughput").doubleValue() == 0);
		assertThat(this.events.awaitSentence("WAITED")).contains("said nothing for 4 seconds", "none was refused",
				"The total is unchanged: 32000");
		this.events.await("figures", (data) -> data.get("throughput").doubleValue() > 0);
	}

	@Test
	void onlyOneThingAtATime() throws Exception {
		load("COLD", 2, 30);
		assertThat(load("COLD", 2, 30)).isEqualTo(409);
		bank.post("/page/pause", "{}");
		Answer second = cut("AFTER_COMMIT");
		assertThat(second.status()).isEqualTo(409);
		assertThat(second.text("detail")).contains("fault");
		this.events.awaitSentence("WAITED");
	}

	private static int load(String shape, int threads, int seconds) {
		return bank.post("/page/load", """
				{"shape": "%s", "threads": %d, "seconds": %d}""".formatted(shape, threads, seconds)).status();
	}

	private static Answer cut(String moment) {
		return bank.post("/page/cut", "{\"moment\": \"" + moment + "\"}");
	}

}
