package io.github.crdbspring.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/properties.md} is what the metadata of the properties says. With
 * {@code -Dmanual.update=true} it is written anew.
 */
class PropertyAppendixTests {

	private static final Path FILE = Page.ROOT.resolve("docs/properties.md");

	private static final Map<String, String> GROUPS = new LinkedHashMap<>();

	static {
		GROUPS.put("crdb.transaction.backoff.", "Pauses between attempts");
		GROUPS.put("crdb.transaction.contention.", "Contention");
		GROUPS.put("crdb.transaction.outcome.", "Unknown outcomes");
		GROUPS.put("crdb.transaction.", "Transactions");
		GROUPS.put("crdb.changefeed.", "Changefeeds");
		GROUPS.put("crdb.test.", "Test kit");
		GROUPS.put("crdb.", "Connection and application");
		GROUPS.put("management.", "Health, info and endpoints");
	}

	private static final List<String> ORDER = List.of("crdb.", "crdb.transaction.", "crdb.transaction.outcome.",
			"crdb.transaction.backoff.", "crdb.transaction.contention.", "crdb.changefeed.", "management.",
			"crdb.test.");

	private final Metadata metadata = Metadata.read();

	@Test
	void appendixIsUpToDate() throws IOException {
		String expected = appendix();
		if (Boolean.getBoolean("manual.update")) {
			Files.writeString(FILE, expected);
		}
		assertThat(Files.readString(FILE))
			.as("docs/properties.md is made from the metadata of the properties. To make it anew: ./mvnw -pl crdb-spring-boot-manual -am test -Dtest=PropertyAppendixTests -Dsurefire.failIfNoSpecifiedTests=false -Dmanual.update=true")
			.isEqualTo(expected);
	}

	@Test
	void everyPropertyIsInIt() {
		String appendix = appendix();
		assertThat(this.metadata.ours().keySet()).hasSizeGreaterThan(50)
			.allSatisfy((name) -> assertThat(appendix).contains("| `" + name + "` |"));
	}

	private String appendix() {
		StringBuilder text = new StringBuilder(
				"""
						# Properties

						Appendix: all properties, made from the metadata that editors complete them from. A bad value stops the start with the
						property named, and a name that does not exist is told in a WARN, with the one that was probably meant. The pool is
						configured with `spring.datasource.hikari.*`.
						""");
		for (String prefix : ORDER) {
			text.append("\n## ")
				.append(GROUPS.get(prefix))
				.append("\n\n| property | default | meaning |\n|---|---|---|\n");
			this.metadata.ours()
				.entrySet()
				.stream()
				.filter((property) -> group(property.getKey()).equals(prefix))
				.forEach((property) -> text.append(row(property.getKey(), property.getValue())));
		}
		return text.toString();
	}

	private static String group(String name) {
		return GROUPS.keySet().stream().filter(name::startsWith).findFirst().orElseThrow();
	}

	private String row(String name, JsonNode property) {
		String value = property.path("defaultValue").asString("");
		StringBuilder meaning = new StringBuilder(property.path("description").asString("").replace("|", "\\|"));
		if (property.path("type").asString("").startsWith("java.util.Map")) {
			meaning.append(" A map: `").append(name).append(".NAME`.");
		}
		JsonNode hint = this.metadata.hint(name);
		if (hint != null) {
			for (JsonNode each : hint.path("values")) {
				String description = each.path("description").asString("");
				if (!description.isEmpty()) {
					meaning.append("<br>`").append(each.path("value").asString()).append("`: ").append(description);
				}
			}
		}
		return "| `" + name + "` | " + (value.isEmpty() ? "" : "`" + value + "`") + " | " + meaning + " |\n";
	}

}
