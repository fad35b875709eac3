package io.github.crdbspring.test;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A project of a new user, in {@code src/test/shop}, is compiled and tested: its service
 * is not safe to be run again, which the test kit tells in the first run.
 */
class OutsideProjectTests {

	private static final Path PROJECT = Path.of("src/test/shop");

	@TempDir
	private Path classes;

	@Test
	void theFirstRunTellsWhatIsNotSafe() throws Exception {
		compile();
		FileSystemUtils.copyRecursively(PROJECT.resolve("resources"), this.classes);
		Map<String, String> failures = new TreeMap<>(run("com.example.shop.OrderServiceTests"));
		assertThat(failures).containsOnlyKeys("anOrderIsPlacedOnce()", "anOrderIsSafeToBeRetried()");
		String documentation = Files.readString(Path.of("../docs/testing.md"));
		assertThat(failures.get("anOrderIsPlacedOnce()")).contains("[\"confirmed order 1\", \"confirmed order 1\"]");
		assertThat(documentation).contains(failures.get("anOrderIsPlacedOnce()").strip());
		assertThat(failures.get("anOrderIsSafeToBeRetried()")).isEqualTo(
				"""
						Transaction 'OrderService.place' is not safe to be run again. An attempt was rolled back at COMMIT, and this was not undone, so that it happened twice:

						  - in memory OrderService.confirmations: 0 elements before, 1 element after the rollback (in the end +2, without the failure +1)

						Do what a rollback does not undo after the commit: behind the call, or in a @TransactionalEventListener; or write it to a table (an outbox) in the transaction.""");
	}

	private void compile() throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		StringWriter output = new StringWriter();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> sources = Files.walk(PROJECT.resolve("java"))) {
			List<Path> java = sources.filter((file) -> file.toString().endsWith(".java")).toList();
			List<String> options = new ArrayList<>(
					List.of("-proc:none", "-parameters", "-d", this.classes.toString(), "-classpath",
							System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
			boolean compiled = compiler
				.getTask(output, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
				.call();
			assertThat(compiled).as(output.toString()).isTrue();
		}
	}

	private Map<String, String> run(String testClass) throws Exception {
		Map<String, String> failures = new ConcurrentHashMap<>();
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader loader = new URLClassLoader(new URL[] { this.classes.toUri().toURL() }, before)) {
			Thread.currentThread().setContextClassLoader(loader);
			LauncherFactory.create()
				.execute(LauncherDiscoveryRequestBuilder.request()
					.selectors(DiscoverySelectors.selectClass(loader, testClass))
					.build(), new TestExecutionListener() {

						@Override
						public void executionFinished(TestIdentifier test, TestExecutionResult result) {
							result.getThrowable()
								.ifPresent(
										(ex) -> failures.put(test.getDisplayName(), String.valueOf(ex.getMessage())));
						}

					});
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
		}
		return failures;
	}

}
