package io.github.crdbspring.manual;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import com.sun.source.util.JavacTask;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the Java code of pages. A block may be a file, declarations of types, members
 * of a class, statements, or annotations. What it takes for granted, beside the imports
 * that all have, is in {@code src/samples}, in a file with the name of the page: imports,
 * and classes. If there is a class {@code Surroundings}, the block is inside of one that
 * extends it.
 * <p>
 * What a page leaves out is forgiven: the body of a method that is "…", and a constructor
 * that sets final fields.
 */
final class JavaSamples {

	private static final Path SURROUNDINGS = Path.of("src/samples");

	private static final Set<String> LEFT_OUT = Set.of("compiler.err.missing.ret.stmt",
			"compiler.err.var.might.not.have.been.initialized",
			"compiler.err.var.not.initialized.in.default.constructor");

	private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");

	private static final Pattern IMPORTS = Pattern.compile("(?m)^import [^;]+;\\n?");

	private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

	private final StandardJavaFileManager files = this.compiler.getStandardFileManager(null, null, null);

	/**
	 * Compile blocks.
	 * @param blocks the blocks
	 * @return the blocks that do not compile, with what the compiler says
	 */
	Map<Page.Block, String> compile(List<Page.Block> blocks) {
		Map<Page.Block, List<Source>> sources = new LinkedHashMap<>();
		blocks.forEach((block) -> sources.put(block, List.of(source(block, block.code(), ""))));
		Map<Page.Block, String> problems = attribute(sources);
		// A block of several parts that have nothing to do with each other
		Map<Page.Block, List<Source>> parts = new LinkedHashMap<>();
		problems.keySet().stream().filter((block) -> block.code().contains("\n\n")).forEach((block) -> {
			List<Source> found = new ArrayList<>();
			for (String part : block.code().split("\n\n(?=\\S)")) {
				found.add(source(block, part, "part" + found.size()));
			}
			parts.put(block, found);
		});
		Map<Page.Block, String> inParts = attribute(parts);
		problems.keySet().removeIf((block) -> parts.containsKey(block) && !inParts.containsKey(block));
		return problems;
	}

	private Map<Page.Block, String> attribute(Map<Page.Block, List<Source>> sources) {
		Map<Page.Block, String> problems = new LinkedHashMap<>();
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		Map<JavaFileObject, Page.Block> origins = new LinkedHashMap<>();
		sources.forEach((block, found) -> found.forEach((source) -> origins.put(source, block)));
		if (origins.isEmpty()) {
			return problems;
		}
		List<String> options = List.of("--release", "17", "-proc:none", "-parameters", "-Xmaxerrs", "1000",
				"-XDcompilePolicy=simple", "-classpath",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
		JavacTask task = (JavacTask) this.compiler.getTask(new StringWriter(), this.files, diagnostics, options, null,
				origins.keySet());
		try {
			task.analyze();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics.getDiagnostics()) {
			if (diagnostic.getKind() == Diagnostic.Kind.ERROR && !LEFT_OUT.contains(diagnostic.getCode())) {
				Source source = (Source) diagnostic.getSource();
				problems.merge(origins.get(source),
						diagnostic.getMessage(null) + "\n    in: " + source.line(diagnostic.getLineNumber()).strip(),
						(first, next) -> first + "\n" + next);
			}
		}
		return problems;
	}

	private Source source(Page.Block block, String code, String part) {
		String complete = complete(code);
		Matcher declared = PACKAGE.matcher(complete);
		if (declared.find()) {
			String name = Path.of(String.valueOf(block.file())).getFileName().toString();
			return new Source(declared.group(1).replace('.', '/') + "/" + name, complete);
		}
		String packageName = "sample." + block.page().name().replaceAll("\\W", "_").toLowerCase() + ".line"
				+ block.line() + part;
		String surroundings = surroundings(block.page());
		String own = surroundings.contains("class Surroundings") ? "import static " + packageName + ".Surroundings.*;"
				: "";
		String text = Stream
			.of("package " + packageName + ";", read(SURROUNDINGS.resolve("imports.txt")), imports(surroundings), own,
					imports(complete), IMPORTS.matcher(surroundings).replaceAll(""),
					shaped(IMPORTS.matcher(complete).replaceAll(""), !own.isEmpty()))
			.collect(Collectors.joining("\n"));
		return new Source(packageName.replace('.', '/') + "/Sample.java", text);
	}

	/**
	 * Fill what was left out.
	 */
	private static String complete(String code) {
		return code.replaceAll("(?m)^\\s*(…|\\.\\.\\.)\\s*$", "")
			.replaceAll("\\{\\s*…\\s*}", "{ }")
			.replaceAll("([,(]\\s*)…(?=\\s*[,)])", "$1null");
	}

	private String shaped(String code, boolean surrounded) {
		String head = "abstract class Sample" + (surrounded ? " extends Surroundings" : "") + " {\n";
		String result = code.lines().anyMatch((line) -> line.startsWith("return ")) ? "Object" : "void";
		if (code.lines().allMatch((line) -> line.startsWith("@"))) {
			return head + code.lines()
				.map((line) -> line + " void annotated" + Math.abs(line.hashCode()) + "() { }")
				.collect(Collectors.joining("\n")) + "\n}";
		}
		List<String> shapes = List.of(code, head + code + "\n}",
				head + result + " run() throws Throwable {\n" + code + "\n}\n}");
		return shapes.stream().filter(this::isParsed).findFirst().orElse(code);
	}

	private boolean isParsed(String text) {
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		JavacTask task = (JavacTask) this.compiler.getTask(new StringWriter(), this.files, diagnostics,
				List.of("--release", "17"), null, List.of(new Source("Sample.java", text)));
		try {
			task.parse();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return diagnostics.getDiagnostics().stream().noneMatch((found) -> found.getKind() == Diagnostic.Kind.ERROR);
	}

	private static String surroundings(Page page) {
		Path file = SURROUNDINGS.resolve(page.name() + ".java");
		return Files.exists(file) ? read(file) : "";
	}

	private static String imports(String text) {
		return IMPORTS.matcher(text).results().map((match) -> match.group()).collect(Collectors.joining());
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Source code in memory.
	 */
	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(String path, String text) {
			super(URI.create("string:///" + path), Kind.SOURCE);
			this.text = text;
		}

		String line(long number) {
			return this.text.lines().skip(Math.max(0, number - 1)).findFirst().orElse("");
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

		@Override
		public boolean isNameCompatible(String simpleName, Kind kind) {
			return true;
		}

		@Override
		public @Nullable String toString() {
			return getName();
		}

	}

}
