package io.github.crdbspring.sample;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import io.github.crdbspring.sample.TestBank.Answer;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is served to the page, and what is refused.
 */
@DatabaseTest
@Timeout(120)
class PageTests {

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
	void pageIsServedWithItsChartLibrary() throws Exception {
		assertThat(get("/").headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
		assertThat(get("/").body()).contains("A bank at work").contains("/webjars/uplot/dist/uPlot.iife.min.js");
		assertThat(get("/webjars/uplot/dist/uPlot.iife.min.js").body()).contains("uPlot");
		assertThat(get("/webjars/uplot/dist/uPlot.min.css").statusCode()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{\"shape\":\"LUKEWARM\",\"threads\":1,\"seconds\":1}",
			"{\"shape\":\"HOT\",\"threads\":17,\"seconds\":1}", "{\"shape\":\"HOT\",\"threads\":1,\"seconds\":0}" })
	void loadOutOfBoundsIsRefused(String json) {
		assertThat(bank.post("/page/load", json).status()).isEqualTo(400);
	}

	@Test
	void anotherSiteCannotMakeFaults() {
		assertThat(bank
			.send(bank.request("/page/pause").header("Content-Type", "text/plain").POST(BodyPublishers.ofString("{}")))
			.status()).isEqualTo(415);
	}

	@Test
	void withoutProxyThePageSaysWhy(TestDatabase database) throws Exception {
		try (TestBank plain = TestBank.start("--crdb.url=" + database.url(), "--bank.fault-proxy=false");
				PageEvents told = new PageEvents(plain.request("/page/events").GET())) {
			Answer answer = plain.post("/page/cut", "{\"moment\":\"AFTER_COMMIT\"}");
			assertThat(answer.status()).isEqualTo(409);
			assertThat(answer.text("detail")).contains("bank.fault-proxy=false");
			assertThat(told.await("state", (state) -> true).get("noFaults").stringValue())
				.contains("bank.fault-proxy=false");
		}
	}

	@Test
	void openPagesDoNotHoldUpTheEnd(TestDatabase database) throws Exception {
		long begin;
		PageEvents told;
		try (TestBank other = TestBank.start("--crdb.url=" + database.url())) {
			told = new PageEvents(other.request("/page/events").GET());
			told.await("state", (state) -> true);
			begin = System.nanoTime();
		}
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
		told.awaitEnd();
		assertThat(told.hasEnded()).isTrue();
	}

	private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return HttpClient.newHttpClient().send(bank.request(path).GET().build(), BodyHandlers.ofString());
	}

}
