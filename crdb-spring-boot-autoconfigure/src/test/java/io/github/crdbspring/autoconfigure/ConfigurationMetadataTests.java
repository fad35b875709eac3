package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration metadata that the build generates, and for what the
 * documentation says of switching parts off. The appendix of all properties is made from
 * the metadata.
 */
class ConfigurationMetadataTests {

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final Pattern KEY_OF_SPRING_BOOTS_MAP = Pattern
		.compile("management\\.(metrics|observations)\\.enable\\.crdb");

	private static final Map<String, Property> properties = new TreeMap<>();

	private static final Map<String, Set<String>> hints = new TreeMap<>();

	private static String reference;

	@BeforeAll
	static void read() throws IOException {
		DocumentContext metadata = JsonPath
			.parse(Path.of("target/classes/META-INF/spring-configuration-metadata.json").toFile());
		List<Map<String, String>> found = metadata.read("$.properties");
		found.forEach((property) -> properties.put(property.get("name"), Property.of(property)));
		List<Map<String, List<Map<String, Object>>>> foundHints = metadata.read("$.hints");
		foundHints.forEach((hint) -> hints.put(String.valueOf((Object) hint.get("name")), values(hint)));
		reference = Files.readString(Path.of("../docs/reference.md"));
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
	Stream<DynamicTest> everyDurationAndSizeHasExamples() {
		return hintsAreValues((type) -> type == Duration.class || type == DataSize.class);
	}

	@TestFactory
	Stream<DynamicTest> everyEnumHasItsValues() {
		return hintsAreValues(Class::isEnum);
	}

	private static Stream<DynamicTest> hintsAreValues(Predicate<Class<?>> types) {
		return properties.values()
			.stream()
			.filter((property) -> types.test(property.type()))
			.map((property) -> DynamicTest.dynamicTest(property.name(),
					() -> assertThat(hints.get(property.name())).isNotEmpty()
						.allSatisfy((value) -> assertThat(
								ApplicationConversionService.getSharedInstance().convert(value, property.type()))
							.isNotNull())));
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

	@Test
	void theReferenceSwitchesOffWhatExists() {
		assertThat(rows(reference, "## Switching parts off").stream()
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

	/**
	 * Values that are examples, beside any other, need no description.
	 */
	private static Set<String> values(Map<String, List<Map<String, Object>>> hint) {
		List<Map<String, Object>> values = hint.get("values");
		assertThat(values).allSatisfy((value) -> assertThat((String) value.get("description")).satisfiesAnyOf(
				(description) -> assertThat(description).isNotNull().endsWith("."),
				(description) -> assertThat(hint).containsKey("providers")));
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
