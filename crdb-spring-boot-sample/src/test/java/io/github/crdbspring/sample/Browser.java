package io.github.crdbspring.sample;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;

import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * The browser of this machine: Chromium or Chrome with its driver, as in Debian's
 * packages {@code chromium} and {@code chromium-driver}. Nothing is downloaded.
 */
final class Browser implements AutoCloseable {

	static final String MISSING = "No browser: 'chromium' and 'chromedriver' are not both on the PATH (Debian: chromium, chromium-driver)";

	private static final String[] BROWSERS = { "chromium", "google-chrome", "chromium-browser" };

	private static final String DRIVER = "chromedriver";

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int WIDTH = 1200;

	private static final int HEIGHT = 1180;

	private final ChromeDriver driver;

	private Browser(ChromeDriver driver) {
		this.driver = driver;
	}

	static boolean isInstalled() {
		return executable(BROWSERS).isPresent() && executable(DRIVER).isPresent();
	}

	static Browser start() {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(executable(BROWSERS).orElseThrow());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=en");
		options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL"));
		ChromeDriverService service = new ChromeDriverService.Builder()
			.usingDriverExecutable(executable(DRIVER).orElseThrow())
			.usingAnyFreePort()
			.build();
		Browser started = new Browser(new ChromeDriver(service, options));
		started.size(WIDTH, HEIGHT);
		return started;
	}

	private static Optional<File> executable(String... names) {
		return Stream.of(names)
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((folder) -> new File(folder, name)))
			.filter(File::canExecute)
			.findFirst();
	}

	void open(String url) {
		this.driver.get(url);
	}

	WebElement find(String id) {
		return this.driver.findElement(By.id(id));
	}

	List<WebElement> findAll(String selector) {
		return this.driver.findElements(By.cssSelector(selector));
	}

	String text(String id) {
		return find(id).getText();
	}

	/**
	 * Return the number that an element shows, 0 if there is none.
	 */
	double number(String id) {
		String shown = text(id).replace(",", "");
		return shown.matches("[\\d.]+") ? Double.parseDouble(shown) : 0;
	}

	void press(CharSequence... keys) {
		this.driver.switchTo().activeElement().sendKeys(keys);
	}

	/**
	 * Return the id of the element that has the focus.
	 */
	String focused() {
		return this.driver.switchTo().activeElement().getAttribute("id");
	}

	/**
	 * Go on from control to control by the keyboard.
	 */
	void tabTo(String id) {
		for (int i = 0; i < 30; i++) {
			if (id.equals(focused())) {
				return;
			}
			press(Keys.TAB);
		}
		throw new AssertionError("The keyboard does not reach " + id);
	}

	Object script(String script) {
		return this.driver.executeScript(script);
	}

	void await(String what, Supplier<Boolean> condition) throws InterruptedException {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (!condition.get()) {
			if (System.nanoTime() - end >= 0) {
				throw new AssertionError(
						"Not seen: " + what + "\n" + this.driver.findElement(By.tagName("body")).getText());
			}
			Thread.sleep(100);
		}
	}

	void size(int width, int height) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
	}

	void prefer(String scheme) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
	}

	void usualSize() {
		size(WIDTH, HEIGHT);
	}

	void screenshot(Path file) throws IOException {
		Files.createDirectories(file.getParent());
		Files.write(file, this.driver.getScreenshotAs(OutputType.BYTES));
	}

	/**
	 * Return what the browser complains of.
	 */
	List<String> complaints() {
		return this.driver.manage()
			.logs()
			.get("browser")
			.getAll()
			.stream()
			.filter((entry) -> entry.getLevel().intValue() >= Level.WARNING.intValue())
			.map(Object::toString)
			.toList();
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
