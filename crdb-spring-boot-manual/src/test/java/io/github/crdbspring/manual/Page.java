package io.github.crdbspring.manual;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A page of the manual, or another document in Markdown.
 */
record Page(Path file, List<String> lines) {

	static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern FENCE = Pattern.compile("\\s*```(\\w*)\\s*");

	private static final Pattern FILE_NAME = Pattern.compile("`([\\w./-]+\\.(?:java|yaml|yml|xml|sql))`:?");

	private static final Pattern HEADING = Pattern.compile("#{1,6} (.+)");

	/**
	 * The pages of the manual, the README first.
	 */
	static List<Page> manual() {
		List<Page> pages = new ArrayList<>(List.of(read(ROOT.resolve("README.md"))));
		pages.addAll(in("docs"));
		return pages;
	}

	/**
	 * All documents.
	 */
	static List<Page> all() {
		List<Page> pages = new ArrayList<>(in("."));
		pages.addAll(in("docs"));
		return pages;
	}

	private static List<Page> in(String folder) {
		try (Stream<Path> files = Files.list(ROOT.resolve(folder).normalize())) {
			return files.filter((file) -> file.toString().endsWith(".md")).sorted().map(Page::read).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Page read(Path file) {
		try {
			return new Page(file, Files.readAllLines(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The path below the project's folder.
	 */
	String path() {
		return ROOT.relativize(this.file).toString();
	}

	/**
	 * The name without folder and extension.
	 */
	String name() {
		return this.file.getFileName().toString().replaceFirst("\\.md$", "");
	}

	/**
	 * The blocks of code.
	 */
	List<Block> blocks() {
		List<Block> blocks = new ArrayList<>();
		for (int i = 0; i < this.lines.size(); i++) {
			Matcher fence = FENCE.matcher(this.lines.get(i));
			if (fence.matches()) {
				int start = i + 1;
				do {
					i++;
				}
				while (!this.lines.get(i).strip().equals("```"));
				blocks.add(new Block(this, start, fence.group(1), fileName(start - 2),
						String.join("\n", this.lines.subList(start, i)).stripIndent()));
			}
		}
		return blocks;
	}

	/**
	 * The name of the file that a block is, if the paragraph before it is nothing else.
	 */
	private @Nullable String fileName(int before) {
		while (before >= 0 && this.lines.get(before).isBlank()) {
			before--;
		}
		Matcher name = FILE_NAME.matcher((before >= 0) ? this.lines.get(before).strip() : "");
		return name.matches() ? name.group(1) : null;
	}

	/**
	 * The lines without the blocks of code, which are replaced by empty ones.
	 */
	List<String> prose() {
		List<String> prose = new ArrayList<>(this.lines);
		boolean code = false;
		for (int i = 0; i < prose.size(); i++) {
			boolean fence = FENCE.matcher(prose.get(i)).matches();
			if (code || fence) {
				prose.set(i, "");
			}
			code = code != fence;
		}
		return prose;
	}

	/**
	 * The anchors of the headings, as a forge makes them.
	 */
	Set<String> anchors() {
		Set<String> anchors = new LinkedHashSet<>();
		Map<String, Integer> seen = new HashMap<>();
		for (String line : prose()) {
			Matcher heading = HEADING.matcher(line);
			if (heading.matches()) {
				String slug = heading.group(1)
					.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
					.strip()
					.toLowerCase(Locale.ROOT)
					.replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
					.replace(' ', '-');
				int earlier = seen.merge(slug, 1, Integer::sum) - 1;
				anchors.add((earlier != 0) ? slug + "-" + earlier : slug);
			}
		}
		return anchors;
	}

	/**
	 * A block of code.
	 *
	 * @param page the page
	 * @param line the number of the line before its first one, from 1
	 * @param language the language, perhaps empty
	 * @param file the file that it is, if the page says so
	 * @param code the code
	 */
	record Block(Page page, int line, String language, @Nullable String file, String code) {

		@Override
		public String toString() {
			return this.page.path() + ":" + this.line;
		}

	}

}
