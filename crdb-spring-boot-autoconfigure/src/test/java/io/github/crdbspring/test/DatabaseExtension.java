package io.github.crdbspring.test;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.jdbc.CrdbVersion;
import io.github.crdbspring.jdbc.ServerInfo;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * Gives each test class a database on the server that was chosen for this JVM, and skips
 * what that server cannot do.
 */
class DatabaseExtension implements ParameterResolver, ExecutionCondition {

	private static final Namespace NAMESPACE = Namespace.create(DatabaseExtension.class);

	private static final AtomicInteger number = new AtomicInteger();

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		Optional<RequiresCockroach> requirement = context.getElement().map(DatabaseExtension::findRequirement);
		if (requirement.isEmpty()) {
			return ConditionEvaluationResult.enabled("Runs on any database");
		}
		ServerInfo serverInfo = server(context).serverInfo();
		String release = requirement.get().value();
		String needed = ("CockroachDB " + release).strip();
		return (serverInfo.isCockroach() && (release.isEmpty() || isAtLeast(serverInfo.version(), release)))
				? ConditionEvaluationResult.enabled("Is " + needed)
				: ConditionEvaluationResult.disabled("Needs " + needed + ", but this is " + serverInfo.description());
	}

	private static RequiresCockroach findRequirement(AnnotatedElement element) {
		return AnnotatedElementUtils.findMergedAnnotation(element, RequiresCockroach.class);
	}

	private static boolean isAtLeast(CrdbVersion version, String release) {
		String[] numbers = release.split("\\.");
		return version != null && version.isAtLeast(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
	}

	@Override
	public boolean supportsParameter(ParameterContext parameterContext, ExtensionContext context) {
		return parameterContext.getParameter().getType() == TestDatabase.class;
	}

	@Override
	public TestDatabase resolveParameter(ParameterContext parameterContext, ExtensionContext context) {
		return classContext(context).getStore(NAMESPACE)
			.computeIfAbsent(TestDatabase.class, (key) -> createDatabase(context), TestDatabase.class);
	}

	private static TestDatabase createDatabase(ExtensionContext context) {
		ChosenServer chosen = server(context);
		try {
			return new TestDatabase(chosen.server(), chosen.serverInfo(),
					"test_" + ProcessHandle.current().pid() + "_" + number.incrementAndGet());
		}
		catch (Exception ex) {
			throw new IllegalStateException("No database could be created on " + chosen.serverInfo(), ex);
		}
	}

	private static ExtensionContext classContext(ExtensionContext context) {
		ExtensionContext candidate = context;
		while (candidate.getTestMethod().isPresent()) {
			candidate = candidate.getParent().orElseThrow();
		}
		return candidate;
	}

	private static ChosenServer server(ExtensionContext context) {
		return context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(ChosenServer.class, (key) -> ChosenServer.choose(), ChosenServer.class);
	}

	/**
	 * The server of this JVM; JUnit closes it at the end of the run.
	 *
	 * @param server the server
	 * @param serverInfo what it is
	 */
	record ChosenServer(TestServer server, ServerInfo serverInfo) implements AutoCloseable {

		static ChosenServer choose() {
			try {
				TestServer server = TestServer.choose();
				ServerInfo serverInfo = server.serverInfo();
				System.out.println("Tests run on " + serverInfo.description() + " (" + server.origin() + ")");
				return new ChosenServer(server, serverInfo);
			}
			catch (Exception ex) {
				throw new IllegalStateException("No database for tests could be started", ex);
			}
		}

		@Override
		public void close() throws Exception {
			this.server.close();
		}

	}

}
