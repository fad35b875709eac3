package io.github.crdbspring.manual;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that links lead to files and headings that exist.
 */
class LinksTests {

	private static final Pattern LINK = Pattern.compile("]\\(\\s*<?([^)>\\s]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");

	private static final Pattern REFERENCE = Pattern.compile("\\[[^]]+]:\\s+(\\S+)");

	private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

	@TempDir
	private Path folder;

	@TestFactory
	Stream<DynamicTest> noLinkIsDead() {
		return Page.all()
			.stream()
			.map((page) -> DynamicTest.dynamicTest(page.path(), () -> assertThat(dead(page)).isEmpty()));
	}

	@Test
	void everyPageOfTheManualIsLookedAt() {
		assertThat(Page.all()).extracting(Page::path)
			.contains("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/outcome.md")
			.hasSizeGreaterThan(20);
	}

	@Test
	void deadLinksAreFound() throws Exception {
		Files.writeString(this.folder.resolve("other.md"),
				"# Some `code`, and [a link](x.md)!\n\n## Twice\n\n## Twice\n");
		Path file = this.folder.resolve("page.md");
		Files.writeString(file, """
				# Title
				[file](other.md), [anchor](other.md#some-code-and-a-link), [own](#title), [second](other.md#twice-1)
				[no file](missing.md) [no anchor](other.md#none) [not own](#none), [elsewhere](https://example.com/#x)

				```
				[code](missing-too.md)
				```
				Inline `[code](missing-too.md)`, and a [folder](.).
				""");
		assertThat(dead(Page.read(file))).map((link) -> link.replaceFirst(".*page.md", "page.md"))
			.containsExactly("page.md:3: missing.md", "page.md:3: other.md#none", "page.md:3: #none");
	}

	private static List<String> dead(Page page) {
		List<String> dead = new ArrayList<>();
		List<String> prose = page.prose();
		for (int i = 0; i < prose.size(); i++) {
			String line = prose.get(i).replaceAll("`[^`]*`", "");
			for (Pattern pattern : List.of(LINK, REFERENCE)) {
				Matcher link = pattern.matcher(line);
				while (link.find()) {
					if (!ELSEWHERE.matcher(link.group(1)).matches() && !exists(page, link.group(1))) {
						dead.add(page.file() + ":" + (i + 1) + ": " + link.group(1));
					}
				}
			}
		}
		return dead;
	}

	private static boolean exists(Page page, String target) {
		String[] parts = target.split("#", 2);
		Path file = parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
		if (!Files.exists(file)) {
			return false;
		}
		return parts.length == 1 || !file.toString().endsWith(".md") || Page.read(file).anchors().contains(parts[1]);
	}

}
