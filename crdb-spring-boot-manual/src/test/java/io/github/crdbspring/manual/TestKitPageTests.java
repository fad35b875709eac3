package io.github.crdbspring.manual;

import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the sample shows each part of the test kit.
 */
class TestKitPageTests {

	private static final Path TESTS = Page.ROOT
		.resolve("crdb-spring-boot-sample/src/test/java/io/github/crdbspring/sample");

	private static final String LAST = "All of it in the sample";

	private final Page page = Page.read(Page.ROOT.resolve("docs/testing.md"));

	@Test
	void everyPartHasATestClassOfTheSample() {
		String table = String.join("\n", rows().toList());
		assertThat(this.page.lines()).filteredOn((line) -> line.startsWith("## ") && !line.endsWith(LAST))
			.hasSizeGreaterThan(8)
			.allSatisfy((heading) -> assertThat(table).contains("(#"
					+ heading.substring(3).toLowerCase(Locale.ROOT).replaceAll("[^a-z ]", "").replace(' ', '-') + ")"));
	}

	@Test
	void everyTestClassIsThere() {
		assertThat(rows().map((row) -> row.replaceFirst(".*`([\\w.]+)` \\|$", "$1"))).hasSizeGreaterThan(8)
			.allSatisfy((name) -> assertThat(TESTS.resolve(name.replace('.', '/') + ".java")).exists());
	}

	private Stream<String> rows() {
		int begin = this.page.lines().indexOf("## " + LAST);
		return this.page.lines().stream().skip(begin).filter((line) -> line.startsWith("| ")).skip(1);
	}

}
