package io.github.crdbspring.test;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EnabledOnCockroach}: what is skipped, and what the report says.
 */
class EnabledOnCockroachTests {

	private static final String RAN = "ran";

	@Test
	@EnabledOnCockroach
	void onCockroachWhatItsVersionDoesNotHaveIsSkipped() {
		assertThat(run(Methods.class)).containsEntry("onAny()", RAN)
			.containsEntry("onOld()", RAN)
			.containsEntry("onFuture()", "Needs CockroachDB 99.1, but this is " + server());
	}

	@Test
	void elsewhereTheReasonIsInTheReport() {
		Map<String, String> reports = run(Methods.class);
		assertThat(reports).containsEntry("always()", RAN);
		if (!ChosenServer.get().serverInfo().isCockroach()) {
			assertThat(reports).containsEntry("onAny()", "Needs CockroachDB, but this is " + server())
				.containsEntry("onOld()", "Needs CockroachDB 20.2, but this is " + server())
				.containsEntry("onFuture()", "Needs CockroachDB 99.1, but this is " + server());
		}
	}

	@Test
	void aClassIsSkippedWithoutASpringContext() {
		assertThat(run(OnClass.class)).hasSize(1)
			.containsEntry("EnabledOnCockroachTests$OnClass", "Needs CockroachDB 99.1, but this is " + server());
	}

	@Test
	void aBadVersionIsRefused() {
		assertThat(run(BadVersions.class))
			.allSatisfy((name, message) -> assertThat(message)
				.contains("@EnabledOnCockroach on " + name + ": 'value' must be a release line such as 23.1, but is '"))
			.hasSize(3);
	}

	private static String server() {
		return ChosenServer.get().serverInfo().description();
	}

	private static Map<String, String> run(Class<?> type) {
		Map<String, String> reports = new ConcurrentHashMap<>();
		LauncherFactory.create()
			.execute(LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(type)).build(),
					new TestExecutionListener() {

						@Override
						public void executionSkipped(TestIdentifier test, String reason) {
							reports.put(test.getDisplayName(), reason);
						}

						@Override
						public void executionFinished(TestIdentifier test, TestExecutionResult result) {
							if (test.isTest()) {
								reports.put(test.getDisplayName(),
										result.getThrowable()
											.map((ex) -> (ex.getCause() != null) ? ex.getCause() : ex)
											.map(Throwable::getMessage)
											.orElse(RAN));
							}
						}

					});
		return reports;
	}

	static class Methods {

		@Test
		@EnabledOnCockroach
		void onAny() {
		}

		@Test
		@EnabledOnCockroach("20.2")
		void onOld() {
		}

		@Test
		@EnabledOnCockroach("99.1")
		void onFuture() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		void always() {
		}

	}

	@SpringBootTest(properties = "spring.datasource.url=jdbc:postgresql://no-such-host.example.com/none")
	@EnabledOnCockroach("99.1")
	static class OnClass {

		@Test
		void test() {
			throw new IllegalStateException("Should not run");
		}

	}

	static class BadVersions {

		@Test
		@EnabledOnCockroach("23")
		void noMinor() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@EnabledOnCockroach("v23.1")
		void withLetter() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@EnabledOnCockroach("23.1.4")
		void withPatch() {
			throw new IllegalStateException("Should not run");
		}

	}

}
