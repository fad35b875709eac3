package io.github.crdbspring.manual;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the site of the manual, from the disk as it was built. Skipped where it was
 * not, and those that need a browser where there is none.
 */
@EnabledIf(value = "isBuilt", disabledReason = "The site is not built: npm --prefix crdb-spring-boot-manual run site")
@Timeout(180)
class SiteTests {

	private static final Path SITE = Page.ROOT.resolve("target/site").resolve(System.getProperty("manual.version", ""));

	private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

	private static final String[] BROWSERS = { "chromium", "google-chrome", "chromium-browser" };

	private static final String DRIVER = "chromedriver";

	static boolean isBuilt() {
		return Files.exists(SITE.resolve("search-index.js"));
	}

	static boolean isBrowserInstalled() {
		return executable(BROWSERS).isPresent() && executable(DRIVER).isPresent();
	}

	@Test
	void everyPageIsThereAndLeadsSomewhere() throws IOException {
		List<String> dead = new ArrayList<>();
		List<Path> pages;
		try (Stream<Path> files = Files.list(SITE)) {
			pages = files.filter((file) -> file.toString().endsWith(".html")).toList();
		}
		assertThat(pages).hasSize(Page.manual().size());
		for (Path page : pages) {
			Matcher link = LINK.matcher(Files.readString(page));
			while (link.find()) {
				if (!link.group(1).matches("[a-z]+:.*") && !exists(page, link.group(1))) {
					dead.add(page.getFileName() + ": " + link.group(1));
				}
			}
		}
		assertThat(dead).isEmpty();
	}

	private static boolean exists(Path page, String target) throws IOException {
		String[] parts = target.split("#", 2);
		Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
		return Files.exists(file) && (parts.length == 1 || Files.readString(file).contains("id=\"" + parts[1] + "\""));
	}

	@Test
	@EnabledIf(value = "isBrowserInstalled",
			disabledReason = "No browser: 'chromium' and 'chromedriver' are not both on the PATH (Debian: chromium, chromium-driver)")
	void searchFindsASettingWithoutAServer() {
		ChromeDriver browser = browser();
		try {
			browser.get(SITE.resolve("index.html").toUri().toString());
			browser.findElement(By.id("search")).sendKeys("resolve-timeout");
			await().untilAsserted(() -> assertThat(browser.findElements(By.cssSelector("#results a")))
				.anyMatch((result) -> result.getText().contains("Unknown outcomes")));
			WebElement found = browser.findElements(By.cssSelector("#results a"))
				.stream()
				.filter((result) -> result.getText().startsWith("Properties: Unknown outcomes"))
				.findFirst()
				.orElseThrow();
			found.click();
			await()
				.untilAsserted(() -> assertThat(browser.getCurrentUrl()).endsWith("properties.html#unknown-outcomes"));
			assertThat(browser.findElement(By.tagName("h1")).getText()).isEqualTo("Properties");
			for (String setting : List.of("crdb.transaction.max-attempts", "max-attempts", "crdb.pool-defaults")) {
				browser.findElement(By.id("search")).clear();
				browser.findElement(By.id("search")).sendKeys(setting);
				await().untilAsserted(
						() -> assertThat(browser.findElement(By.cssSelector("#results a")).getText()).as(setting)
							.startsWith("Properties: ")
							.contains(setting));
			}
			browser.findElement(By.id("search")).clear();
			browser.findElement(By.id("search")).sendKeys("swallowed");
			await().untilAsserted(
					() -> assertThat(browser.findElement(By.id("results")).getText()).contains("Exceptions"));
			browser.findElement(By.id("search")).sendKeys(" xyzzy");
			await().untilAsserted(
					() -> assertThat(browser.findElement(By.id("results")).getText()).isEqualTo("Nothing found"));
		}
		finally {
			browser.quit();
		}
	}

	private static ChromeDriver browser() {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(executable(BROWSERS).orElseThrow());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=en");
		return new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(executable(DRIVER).orElseThrow())
					.usingAnyFreePort()
					.build(),
				options);
	}

	private static Optional<File> executable(String... names) {
		return Stream.of(names)
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((folder) -> new File(folder, name)))
			.filter(File::canExecute)
			.findFirst();
	}

}
