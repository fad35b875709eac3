package io.github.crdbspring.manual;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the Java code on the pages compiles.
 */
class JavaSamplesTests {

	@TestFactory
	Stream<DynamicTest> everySampleCompiles() {
		List<Page.Block> blocks = Page.manual()
			.stream()
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().equals("java"))
			.toList();
		assertThat(blocks).hasSizeGreaterThan(30);
		Map<Page.Block, String> problems = new JavaSamples().compile(blocks);
		return blocks.stream()
			.map((block) -> DynamicTest.dynamicTest(block.toString(),
					() -> assertThat(problems.get(block))
						.as("%s: what the sample takes for granted goes into src/samples/%s.java", block,
								block.page().name())
						.isNull()));
	}

	@Test
	void mistakesAreFound() {
		assertThat(problems("@CrdbTransactional(tiemout = \"1s\")\nvoid pay() {\n\t…\n}")).contains("tiemout");
		assertThat(problems("BigDecimal sum = 1;")).contains("incompatible types");
		assertThat(problems("class Bank { Bank(Unknown unknown) { } }")).contains("class Unknown");
		assertThat(problems("void pay( {")).isNotNull();
	}

	@Test
	void allShapesAreUnderstood() {
		for (String sample : List.of("record Account(UUID id) { }",
				"import java.util.concurrent.Callable;\nclass Bank implements Callable<UUID> { public UUID call() { … } }",
				"@CrdbTransactional\nUUID pay() {\n\t…\n}\n\nprivate int count;", "BigDecimal sum = BigDecimal.ONE;",
				"return UUID.randomUUID();", "@Deprecated\n@Deprecated(since = \"1\")",
				"void pay() { }\n\nUUID.randomUUID();", "class Bank { private final UUID id; }")) {
			assertThat(problems(sample)).as(sample).isNull();
		}
	}

	private static String problems(String code) {
		Page page = new Page(Path.of("none.md"), List.of());
		Page.Block block = new Page.Block(page, 1, "java", null, code);
		return new JavaSamples().compile(List.of(block)).get(block);
	}

}
