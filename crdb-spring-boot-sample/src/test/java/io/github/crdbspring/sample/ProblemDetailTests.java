package io.github.crdbspring.sample;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.UUID;

import io.github.crdbspring.sample.TestBank.Answer;
import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@CrdbTestDatabase
class ProblemDetailTests {

	private static TestBank bank;

	private static UUID from;

	private static UUID to;

	@BeforeAll
	static void start(TestDatabase database) {
		bank = TestBank.start("--crdb.url=" + database.url());
		from = bank.openAccount("100.00");
		to = bank.openAccount("100.00");
	}

	@AfterAll
	static void stop() {
		assertThat(bank.countTransfers()).isZero();
		bank.close();
	}

	@Test
	void overdraft() {
		assertProblem(bank.transfer(from, to, "100.01"), 409, "100.00, which does not cover 100.01");
	}

	@Test
	void unknownAccount() {
		UUID unknown = UUID.randomUUID();
		assertProblem(bank.transfer(from, unknown, "1"), 404, unknown.toString());
		assertProblem(bank.transfer(unknown, to, "1"), 404, unknown.toString());
		assertProblem(bank.get("/accounts/" + unknown), 404, unknown.toString());
		assertProblem(bank.get("/transfers?account=" + unknown), 404, unknown.toString());
	}

	@Test
	void sameAccountTwice() {
		assertProblem(bank.transfer(from, from, "1"), 400, "between two accounts");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-0.01", "0.001", "10.000", "1e-9", "1e18", "1e400", "1e2147483647", "1e-2147483647",
			"123456789012345678901234567890", "null", "\"\"" })
	void amountOutOfBounds(String amount) {
		assertProblem(bank.transfer(from, to, amount), 400, "amount ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"ten\"", "\"NaN\"", "true", "[1]", "{}" })
	void malformedAmount(String amount) {
		assertProblem(bank.transfer(from, to, amount), 400, "malformed: amount");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "null", "[]", "\"text\"", "{\"amount\": 1,}", "{\"amount\": NaN}" })
	void malformedJson(String json) {
		assertProblem(bank.post("/transfers", json), 400, "malformed");
	}

	@Test
	void missingFields() {
		assertProblem(bank.post("/transfers", "{}"), 400,
				"amount must not be null, from must not be null, to must not be null");
	}

	@Test
	void malformedUuid() {
		assertProblem(bank.transfer("nobody", to, "1"), 400, "malformed: from");
		assertProblem(bank.get("/accounts/nobody"), 400, "'id'");
		assertProblem(bank.get("/transfers?account=nobody"), 400, "'account' is malformed");
		assertProblem(bank.get("/transfers?account=a&account=b"), 400, "'account' is malformed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"transfers\": 0", "\"transfers\": 100001", "\"threads\": 0", "\"threads\": 65",
			"\"accounts\": 1", "\"accounts\": 1001", "\"threads\": -1", "\"threads\": 1.5", "\"threads\": 99999999999",
			"\"threads\": \"many\"" })
	void loadOutOfBounds(String field) {
		assertProblem(bank.post("/load", "{" + field + "}"), 400, field.split("\"")[1]);
	}

	@Test
	void wrongMethod() {
		Answer answer = bank.send(bank.request("/transfers").DELETE());
		assertProblem(answer, 405, "DELETE");
		assertThat(answer.headers().firstValue("Allow")).isPresent();
		assertProblem(bank.get("/load"), 405, "GET");
		assertThat(bank.send(bank.request("/load").method("TRACE", BodyPublishers.noBody())).body().toString())
			.contains("\"instance\":\"/load\"", "\"status\":405");
	}

	@Test
	void wrongType() {
		assertProblem(bank.send(bank.request("/transfers")
			.header("Content-Type", "text/plain")
			.POST(BodyPublishers.ofString("10 for you"))), 415, "text/plain");
		assertProblem(bank.send(bank.request("/accounts").header("Accept", "image/png")), 406, "Acceptable");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/nothing", "/accounts/1/2", "/error", "/actuator/nothing" })
	void unknownPath(String path) {
		Answer answer = bank.get(path);
		assertThat(answer.status()).isEqualTo(404);
		assertThat(answer.contentType()).isEqualTo("application/problem+json");
	}

	private static void assertProblem(Answer answer, int status, String detail) {
		assertThat(answer.status()).isEqualTo(status);
		assertThat(answer.contentType()).isEqualTo("application/problem+json");
		assertThat(answer.number("status")).isEqualTo(status);
		assertThat(answer.text("detail")).containsIgnoringCase(detail);
		assertThat(answer.body().has("trace")).isFalse();
	}

}
