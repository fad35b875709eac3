package io.github.crdbspring.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the appendix of exceptions, meters and endpoints is complete.
 */
class ReferenceTests {

	private static final Path SOURCES = Page.ROOT
		.resolve("crdb-spring-boot-autoconfigure/src/main/java/io/github/crdbspring");

	private final String reference = String.join("\n", Page.read(Page.ROOT.resolve("docs/reference.md")).lines());

	@Test
	void allExceptionsAreInIt() throws IOException {
		assertThat(found("public (?:final )?class (\\w+Exception) ", "error", "url")).hasSizeGreaterThan(10)
			.allSatisfy((name) -> assertThat(this.reference).contains("`" + name + "`"));
	}

	@Test
	void allMetersAreInIt() throws IOException {
		assertThat(found("(?:\\.builder|gauge|counter)\\((?:container, )?\"(crdb\\.[a-z.]+)\"", "metrics"))
			.hasSizeGreaterThan(15)
			.allSatisfy((name) -> assertThat(this.reference).contains("| `" + name + "`"));
	}

	@Test
	void allEndpointsAreInIt() throws IOException {
		assertThat(found("@Endpoint\\(id = \"(\\w+)\"", "actuate")).hasSize(2)
			.allSatisfy((name) -> assertThat(this.reference).contains("`/actuator/" + name + "`"));
	}

	private static Set<String> found(String pattern, String... packages) throws IOException {
		Set<String> names = new TreeSet<>();
		for (String name : packages) {
			try (Stream<Path> files = Files.walk(SOURCES.resolve(name))) {
				for (Path file : files.filter((each) -> each.toString().endsWith(".java")).toList()) {
					Pattern.compile(pattern)
						.matcher(Files.readString(file))
						.results()
						.forEach((match) -> names.add(match.group(1)));
				}
			}
		}
		return names;
	}

}
