package io.github.crdbspring.sample;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.github.crdbspring.sample.bank.Bank;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The application on a free port, and a client that asks it.
 */
final class TestBank implements AutoCloseable {

	private static final JsonMapper mapper = new JsonMapper();

	private final HttpClient client = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext context;

	private TestBank(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Start without the demo, unless the arguments say otherwise. Its load conflicts with
	 * itself, so that the pauses between attempts are needed.
	 */
	static TestBank start(String... args) {
		return new TestBank(new SpringApplicationBuilder(BankApplication.class)
			.properties("server.port=0", "bank.demo=false", "crdb.test.skip-pauses=false")
			.run(args));
	}

	Answer get(String path) {
		return send(request(path).GET());
	}

	Answer post(String path, String json) {
		return send(json(path, json));
	}

	CompletableFuture<Answer> postAsync(String path, String json) {
		return this.client.sendAsync(json(path, json).build(), BodyHandlers.ofString()).thenApply(TestBank::answer);
	}

	Answer transfer(Object from, Object to, String amount) {
		return post("/transfers", """
				{"from": "%s", "to": "%s", "amount": %s}""".formatted(from, to, amount));
	}

	HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI
			.create("http://localhost:" + this.context.getEnvironment().getProperty("local.server.port") + path));
	}

	Answer send(HttpRequest.Builder request) {
		try {
			return answer(this.client.send(request.build(), BodyHandlers.ofString()));
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	UUID openAccount(String balance) {
		return this.context.getBean(Bank.class).openAccounts(1, new BigDecimal(balance)).get(0);
	}

	BigDecimal balance(UUID account) {
		return get("/accounts/" + account).body().get("balance").decimalValue();
	}

	int countTransfers() {
		return jdbc().sql("SELECT count(*) FROM transfer").query(Integer.class).single();
	}

	JdbcClient jdbc() {
		return this.context.getBean(JdbcClient.class);
	}

	String jdbcUrl() {
		return this.context.getBean(JdbcConnectionDetails.class).getJdbcUrl();
	}

	@Override
	public void close() {
		this.context.close();
	}

	private HttpRequest.Builder json(String path, String json) {
		return request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
	}

	private static Answer answer(HttpResponse<String> response) {
		return new Answer(response.statusCode(), response.headers(), mapper.readTree(response.body()));
	}

	/**
	 * An answer over HTTP.
	 *
	 * @param status the status code
	 * @param headers the headers
	 * @param body the JSON
	 */
	record Answer(int status, HttpHeaders headers, JsonNode body) {

		String contentType() {
			return this.headers.firstValue("Content-Type").orElse("");
		}

		int number(String field) {
			return this.body.get(field).intValue();
		}

		String text(String field) {
			return this.body.get(field).stringValue();
		}

	}

}
