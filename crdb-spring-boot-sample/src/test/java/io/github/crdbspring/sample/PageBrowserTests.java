package io.github.crdbspring.sample;

import java.nio.file.Path;
import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the page in a browser, skipped where there is none. With
 * {@code -Dbank.screenshots=docs/images} it also makes the pictures of the documentation.
 */
@DatabaseTest
@EnabledIf(value = "io.github.crdbspring.sample.Browser#isInstalled", disabledReason = Browser.MISSING)
@Timeout(180)
class PageBrowserTests {

	private static Browser browser;

	private static TestBank bank;

	@BeforeAll
	static void start(TestDatabase database) {
		browser = Browser.start();
		bank = TestBank.start("--crdb.url=" + database.url());
	}

	@AfterAll
	static void stop() {
		if (bank != null) {
			bank.close();
		}
		if (browser != null) {
			browser.close();
		}
	}

	@BeforeEach
	void open() throws InterruptedException {
		browser.usualSize();
		browser.prefer("light");
		browser.open(bank.request("/").build().uri().toString());
		browser.await("the total", () -> browser.text("total").equals("32,000.00"));
	}

	@AfterEach
	void calmDown() throws InterruptedException {
		browser.find("stop").click();
		browser.await("the end of the load", () -> browser.text("state").equals("No load is running."));
		assertThat(browser.text("verdict")).isEqualTo("unchanged");
		assertThat(browser.complaints()).isEmpty();
	}

	@Test
	void loadIsSeenAtWork() throws InterruptedException {
		double committed = browser.number("committed");
		browser.find("shape").sendKeys("hot");
		browser.find("seconds").sendKeys(Keys.chord(Keys.CONTROL, "a"), "600");
		browser.find("load-form").submit();
		// First of all: the figures may still be those of an earlier test's load
		browser.await("the load", () -> browser.text("state").contains("A load is running: hot, threads: 8"));
		browser.await("throughput", () -> browser.number("throughput-0") > 0);
		browser.await("retries", () -> browser.number("retries-0") > 0);
		browser.await("p99",
				() -> browser.number("latency-1") >= browser.number("latency-0") && browser.number("latency-0") > 0);
		browser.await("committed transfers", () -> browser.number("committed") > committed);
		browser.await("a change of balance", () -> !browser.findAll("#accounts .changed").isEmpty());
		assertThat(browser.findAll("#charts canvas")).hasSize(6);
		browser.find("stop").click();
		browser.await("the sentence", () -> browser.text("log").contains("The total is unchanged: 32000.00."));
	}

	@Test
	void cutConnectionIsToldInASentence() throws InterruptedException {
		browser.find("moment").sendKeys("after");
		browser.find("cut").click();
		browser.await("the sentence", () -> browser.text("log").contains("resolved: committed"));
		browser.await("the count", () -> browser.number("found-committed") > 0 && browser.number("resolved-0") > 0);
		browser.await("the end", () -> browser.text("state").equals("No load is running."));
		browser.find("moment").sendKeys("before");
		browser.find("cut").click();
		browser.await("the sentence", () -> browser.text("log").contains("resolved: not committed"));
	}

	@Test
	void refusalIsToldInASentence() throws InterruptedException {
		browser.script("for (const id of ['conflicts', 'cut', 'pause']) document.getElementById(id).click()");
		browser.await("the refusal", () -> browser.text("problem").contains("A fault is being made already"));
		assertThat(browser.find("problem").getAriaRole()).isEqualTo("alert");
		browser.await("the end of the fault that was made",
				() -> browser.text("log").contains("The total is unchanged"));
		// The browser itself logs every answer that is an error
		assertThat(browser.complaints()).isNotEmpty().allMatch((complaint) -> complaint.contains("409"));
	}

	@Test
	void everythingIsDoneByKeyboard() throws InterruptedException {
		browser.press(Keys.TAB);
		assertThat(browser.script("return document.activeElement.textContent")).isEqualTo("Skip to what has happened");
		for (String id : List.of("shape", "threads", "seconds", "stop", "conflicts", "moment", "cut", "pause", "log")) {
			browser.tabTo(id);
			assertThat(browser.script("return getComputedStyle(document.activeElement).outlineStyle"))
				.isEqualTo("solid");
		}
		browser.find("threads").click();
		browser.press(Keys.chord(Keys.CONTROL, "a"), "3", Keys.ENTER);
		browser.await("the load", () -> browser.text("state").contains("threads: 3"));
	}

	@Test
	void screenReadersAreToldWhatIsWhat() {
		for (WebElement control : browser.findAll("button, input, select")) {
			assertThat(control.getAccessibleName()).isNotBlank();
		}
		WebElement log = browser.find("log");
		assertThat(log.getAriaRole()).isEqualTo("log");
		assertThat(log.getAccessibleName()).isEqualTo("What has happened");
		assertThat(log.getAttribute("aria-live")).isEqualTo("polite");
		assertThat(browser.findAll("figure figcaption strong")).hasSize(9);
		assertThat(browser.findAll("main h2")).allMatch((heading) -> !heading.getText().isBlank());
		assertThat(browser.script("return document.documentElement.lang")).isEqualTo("en");
	}

	@Test
	void narrowScreenNeedsNoScrollingAside() throws InterruptedException {
		browser.size(320, 800);
		browser.await("the page at that width",
				() -> Boolean.TRUE.equals(browser.script("return document.documentElement.scrollWidth <= innerWidth")));
		for (WebElement control : browser.findAll("button, input, select")) {
			assertThat(control.getRect().getX() + control.getRect().getWidth()).isLessThanOrEqualTo(320);
		}
	}

	@Test
	void darkIsDark() {
		Object light = browser.script("return getComputedStyle(document.body).backgroundColor");
		browser.prefer("dark");
		assertThat(browser.script("return getComputedStyle(document.body).backgroundColor")).isNotEqualTo(light);
	}

	@Test
	@EnabledIfSystemProperty(named = "bank.screenshots", matches = ".+")
	void screenshots() throws Exception {
		Path folder = Path.of(System.getProperty("bank.screenshots"));
		browser.find("load-form").submit();
		browser.await("the load", () -> browser.number("throughput-0") > 0);
		Thread.sleep(15000);
		browser.find("cut").click();
		browser.await("the sentence", () -> browser.text("log").contains("resolved: committed"));
		Thread.sleep(8000);
		browser.find("conflicts").click();
		browser.await("the sentence", () -> browser.text("log").contains("met a conflict"));
		Thread.sleep(10000);
		browser.find("pause").click();
		browser.await("the sentence", () -> browser.text("log").contains("said nothing"));
		Thread.sleep(8000);
		browser.script("document.activeElement.blur()");
		browser.screenshot(folder.resolve("bank-light.png"));
		browser.prefer("dark");
		Thread.sleep(1500);
		browser.screenshot(folder.resolve("bank-dark.png"));
	}

}
