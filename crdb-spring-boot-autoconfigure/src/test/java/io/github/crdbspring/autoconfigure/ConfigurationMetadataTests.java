package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration metadata that the build generates, and for the README,
 * which has to name the same properties.
 */
class ConfigurationMetadataTests {

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final Pattern DOCUMENT = Pattern.compile("\\((docs/[a-z-]+\\.md)");

	private static final Pattern KEY_OF_SPRING_BOOTS_MAP = Pattern
		.compile("management\\.(metrics|observations)\\.enable\\.crdb");

	private static final Map<String, Property> properties = new TreeMap<>();

	private static final Map<String, Set<String>> hints = new TreeMap<>();

	private static String readme;

	@BeforeAll
	static void read() throws IOException {
		DocumentContext metadata = JsonPath
			.parse(Path.of("target/classes/META-INF/spring-configuration-metadata.json").toFile());
		List<Map<String, String>> found = metadata.read("$.properties");
		found.forEach((property) -> properties.put(property.get("name"), Property.of(property)));
		List<Map<String, List<Map<String, Object>>>> foundHints = metadata.read("$.hints");
		foundHints.forEach((hint) -> hints.put(String.valueOf((Object) hint.get("name")), values(hint.get("values"))));
		readme = Files.readString(Path.of("../README.md"));
	}

	@Test
	void allPropertiesAreOurs() {
		assertThat(properties).hasSizeGreaterThan(15);
		assertThat(properties.keySet())
			.allMatch((name) -> name.matches("(management\\.[a-z]+\\.)?crdb(-?changefeeds?)?\\.[a-z0-9.-]+"));
	}

	@TestFactory
	Stream<DynamicTest> everyPropertyIsDescribed() {
		return forEach((property) -> assertThat(property.description()).isNotBlank()
			.endsWith(".")
			.doesNotContain("{@", "<", "The default")
			.doesNotStartWith("The ")
			.doesNotStartWith("A "));
	}

	@TestFactory
	Stream<DynamicTest> everyFlagSaysWhether() {
		return forEach((property) -> assertThat(property.description().startsWith("Whether "))
			.isEqualTo(property.type() == Boolean.class));
	}

	@TestFactory
	Stream<DynamicTest> everyEnumOfOursHasItsValuesDescribed() {
		return properties.values()
			.stream()
			.filter((property) -> property.type().isEnum())
			.filter((property) -> property.type().getName().startsWith("io.github.crdbspring."))
			.map((property) -> DynamicTest.dynamicTest(property.name(), () -> {
				Set<String> values = Arrays.stream(property.type().getEnumConstants())
					.map((value) -> ((Enum<?>) value).name().toLowerCase().replace('_', '-'))
					.filter((value) -> !value.equals("default") || value.equals(property.defaultValue()))
					.collect(Collectors.toSet());
				assertThat(hints.get(property.name())).isEqualTo(values);
			}));
	}

	@Test
	void everyHintBelongsToAProperty() {
		assertThat(hints.keySet()).allSatisfy((name) -> assertThat(properties)
			.containsKey((name.endsWith(".keys") && !properties.containsKey(name)) ? name.replace(".keys", "") : name));
	}

	/**
	 * A row for {@code group.*} stands for a map, or for properties that a table of the
	 * document lists to which the row links.
	 */
	@Test
	void theReadmeListsThesePropertiesAndNoOthers() throws IOException {
		Set<String> listed = new TreeSet<>();
		for (String row : rows(readme, "## Properties")) {
			for (String name : code(row.split("\\|")[1])) {
				String group = name.replaceFirst("\\.\\*$", "");
				if (group.equals(name) || properties.containsKey(group)) {
					listed.add(group);
				}
				else {
					listed.addAll(propertiesOfLinkedDocument(row, group));
				}
			}
		}
		assertThat(listed).containsExactlyElementsOf(
				properties.keySet().stream().filter((name) -> name.startsWith("crdb.")).toList());
	}

	private static List<String> propertiesOfLinkedDocument(String row, String group) throws IOException {
		Matcher link = DOCUMENT.matcher(row);
		assertThat(link.find()).as(row).isTrue();
		String document = Files.readString(Path.of("..", link.group(1)));
		return (document.contains("\n## Properties\n") ? rows(document, "## Properties").stream() : document.lines())
			.filter((line) -> line.startsWith("| `" + group + "."))
			.flatMap((line) -> code(line.split("\\|")[1]).stream())
			.toList();
	}

	@Test
	void theReadmeSwitchesOffWhatExists() {
		assertThat(rows(readme, "## Switching parts off").stream()
			.flatMap((row) -> code(row.split("\\|")[2]).stream())
			.map((code) -> code.replaceFirst("=.*", ""))
			.filter((name) -> !KEY_OF_SPRING_BOOTS_MAP.matcher(name).matches())
			.toList()).isNotEmpty()
			.allSatisfy((name) -> assertThat(properties).containsKey(name))
			.containsAll(
					properties.keySet().stream().filter((name) -> name.matches("management\\..*\\.enabled")).toList());
	}

	private static Stream<DynamicTest> forEach(Check check) {
		return properties.values()
			.stream()
			.map((property) -> DynamicTest.dynamicTest(property.name(), () -> check.check(property)));
	}

	private static Set<String> values(List<Map<String, Object>> values) {
		assertThat(values).allSatisfy((value) -> assertThat((String) value.get("description")).endsWith("."));
		return values.stream().map((value) -> (String) value.get("value")).collect(Collectors.toSet());
	}

	/**
	 * The rows of the table under a heading.
	 */
	private static List<String> rows(String document, String heading) {
		String section = document.substring(document.indexOf(heading + "\n") + heading.length()).split("\n## ", 2)[0];
		return section.lines().filter((line) -> line.startsWith("|")).toList();
	}

	/**
	 * What stands in backticks.
	 */
	private static List<String> code(String text) {
		return CODE.matcher(text).results().map((match) -> match.group(1)).toList();
	}

	/**
	 * A property of the metadata.
	 */
	private record Property(String name, Class<?> type, String description, String defaultValue) {

		static Property of(Map<String, ?> property) {
			return new Property((String) property.get("name"),
					ClassUtils.resolveClassName(((String) property.get("type")).replaceFirst("<.*", ""), null),
					(String) property.get("description"), String.valueOf(property.get("defaultValue")));
		}

	}

	/**
	 * What is to be true of a property.
	 */
	private interface Check {

		void check(Property property);

	}

}
