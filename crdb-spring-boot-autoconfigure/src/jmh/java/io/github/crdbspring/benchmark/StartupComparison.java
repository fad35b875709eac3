package io.github.crdbspring.benchmark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What this library costs when an application starts: the same application, in turn with
 * what spring-boot-starter-jdbc and the driver bring, and with this library in addition.
 */
public final class StartupComparison {

	private static final List<String> FIGURES = List.of("main thread, processor time", "process, processor time",
			"from the JVM's start");

	private static final Pattern JDBC_STARTER = Pattern
		.compile("(spring-(core|beans|context|aop|expression|jdbc|tx)|spring-boot(-autoconfigure|-jdbc|-sql"
				+ "|-transaction|-persistence)?|HikariCP|postgresql|micrometer-(commons|observation)|commons-logging"
				+ "|jspecify|slf4j-api|logback-(core|classic)|log4j-(api|to-slf4j)|jul-to-slf4j|snakeyaml"
				+ "|jakarta\\.annotation-api)-\\d.*\\.jar|test-classes");

	private static final Pattern LIBRARY = Pattern.compile("classes|spring-retry-\\d.*\\.jar");

	private StartupComparison() {
	}

	/**
	 * Compare.
	 * @param args how many times each is started
	 * @throws IOException if an application cannot be started
	 */
	public static void main(String[] args) throws IOException {
		int runs = (args.length == 1) ? Integer.parseInt(args[0]) : 15;
		String without = classPath(JDBC_STARTER.asMatchPredicate());
		String with = classPath(JDBC_STARTER.asMatchPredicate().or(LIBRARY.asMatchPredicate()));
		start(without);
		start(with);
		List<long[]> withoutRuns = new ArrayList<>();
		List<long[]> withRuns = new ArrayList<>();
		for (int i = 0; i < runs; i++) {
			withoutRuns.add(start(without));
			withRuns.add(start(with));
		}
		System.out.printf("%-28s %18s %18s %18s%n", "ms, least / median", "without", "with", "difference");
		for (int i = 0; i < FIGURES.size(); i++) {
			long[] a = sorted(withoutRuns, i);
			long[] b = sorted(withRuns, i);
			System.out.printf(Locale.ROOT, "%-28s %10d / %5d %10d / %5d %10d / %5d%n", FIGURES.get(i), a[0],
					a[runs / 2], b[0], b[runs / 2], b[0] - a[0], b[runs / 2] - a[runs / 2]);
		}
	}

	private static String classPath(Predicate<String> wanted) {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> wanted.test(Path.of(entry).getFileName().toString()))
			.collect(Collectors.joining(File.pathSeparator));
	}

	private static long[] start(String classPath) throws IOException {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-classpath", classPath, StartupApplication.class.getName(), "--spring.main.banner-mode=off",
				"--logging.level.root=warn", "--spring.datasource.url=jdbc:postgresql://localhost:1/none")
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedReader output = process.inputReader()) {
			return Arrays.stream(output.readLine().split(" ")).mapToLong(Long::parseLong).toArray();
		}
	}

	private static long[] sorted(List<long[]> runs, int figure) {
		return runs.stream().mapToLong((run) -> run[figure]).sorted().toArray();
	}

}
