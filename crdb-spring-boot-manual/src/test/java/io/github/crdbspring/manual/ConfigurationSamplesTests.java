package io.github.crdbspring.manual;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration on the pages: every property exists, and takes the value.
 */
class ConfigurationSamplesTests {

	private static final Metadata METADATA = Metadata.read();

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final Pattern OURS = Pattern.compile("(?<![\\w./@-])(crdb\\.[a-z][a-z0-9.-]*[a-z0-9])(\\.\\*)?");

	@TestFactory
	Stream<DynamicTest> everyBlockIsBound() {
		return Page.manual()
			.stream()
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().matches("yaml|yml|properties"))
			.filter((block) -> !isOfAnotherKind(block))
			.map((block) -> DynamicTest.dynamicTest(block.toString(),
					() -> assertThat(problems(block.language(), block.code())).isEmpty()));
	}

	@Test
	void mistakesAreFound() throws IOException {
		assertThat(problems("yaml", """
				crdb:
				  transaction:
				    max-atempts: 3
				    timeout: tomorrow
				    priority: high
				spring.jpa.properties.hibernate.order_inserts: true
				""")).hasSize(2)
			.anyMatch((problem) -> problem.startsWith("'crdb.transaction.max-atempts' does not exist"))
			.anyMatch((problem) -> problem.startsWith("'crdb.transaction.timeout' does not take 'tomorrow'"));
	}

	/**
	 * What the text says in backticks counts, too.
	 */
	@TestFactory
	Stream<DynamicTest> everyPropertyThatIsMentionedExists() throws IOException {
		Set<String> known = new TreeSet<>(METADATA.ours().keySet());
		Set<String> groups = METADATA.groups();
		Set<String> meters = meters();
		return Page.manual()
			.stream()
			.map((page) -> DynamicTest.dynamicTest(page.path(), () -> assertThat(mentioned(page)).allSatisfy((name) -> {
				String group = name.replaceFirst("\\.\\*$", "");
				assertThat(known.contains(group) || groups.contains(group) || meters.contains(group)
						|| METADATA.find(ConfigurationPropertyName.adapt(group, '.')) != null
						|| meters.stream().anyMatch((meter) -> name.endsWith(".*") && meter.startsWith(group + ".")))
					.as(name + " is no property")
					.isTrue();
			})));
	}

	private static List<String> mentioned(Page page) {
		List<String> names = new ArrayList<>();
		for (String line : page.prose()) {
			Matcher code = CODE.matcher(line);
			while (code.find()) {
				OURS.matcher(code.group(1)).results().map((match) -> match.group()).forEach(names::add);
			}
		}
		return names;
	}

	/**
	 * The names of meters and observations, which look like properties.
	 */
	private static Set<String> meters() throws IOException {
		Set<String> meters = new TreeSet<>();
		Path sources = Page.ROOT.resolve("crdb-spring-boot-autoconfigure/src/main/java/io/github/crdbspring/metrics");
		try (Stream<Path> files = Files.walk(sources)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				Pattern.compile("\"(crdb\\.[a-z.-]+)\"")
					.matcher(Files.readString(file))
					.results()
					.forEach((match) -> meters.add(match.group(1)));
			}
		}
		return meters;
	}

	private static List<String> problems(String language, String code) throws IOException {
		PropertySourceLoader loader = language.equals("properties") ? new PropertiesPropertySourceLoader()
				: new YamlPropertySourceLoader();
		List<String> problems = new ArrayList<>();
		for (PropertySource<?> source : loader.load("sample",
				new ByteArrayResource(code.getBytes(StandardCharsets.UTF_8)))) {
			for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
				if (!name.startsWith("app.")) {
					check(name, String.valueOf(source.getProperty(name)), problems);
				}
			}
		}
		return problems;
	}

	private static void check(String name, String value, List<String> problems) {
		JsonNode property = METADATA.find(ConfigurationPropertyName.adapt(name, '.'));
		if (property == null) {
			problems.add("'" + name + "' does not exist. The properties of the project itself begin with 'app.'");
			return;
		}
		String type = property.path("type").asString("java.lang.Object");
		if (value.contains("${") || type.contains("<")) {
			return;
		}
		try {
			ApplicationConversionService.getSharedInstance()
				.convert(value, ClassUtils.forName(type, Metadata.class.getClassLoader()));
		}
		catch (Exception | LinkageError ex) {
			problems.add("'" + name + "' does not take '" + value + "': " + ex.getMessage());
		}
	}

	/**
	 * Services of Docker Compose, and workflows.
	 */
	private static boolean isOfAnotherKind(Page.Block block) {
		return block.code().lines().anyMatch((line) -> line.matches("services:|jobs:|on:"));
	}

}
