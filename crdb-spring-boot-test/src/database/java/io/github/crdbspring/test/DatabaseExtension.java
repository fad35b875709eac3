package io.github.crdbspring.test;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import java.util.regex.Pattern;

import io.github.crdbspring.jdbc.CrdbVersion;
import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
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

	private static final Pattern RELEASE = Pattern.compile("\\d{1,3}\\.\\d{1,3}");

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		Optional<EnabledOnCockroach> requirement = context.getElement().map(DatabaseExtension::findRequirement);
		if (requirement.isEmpty()) {
			return ConditionEvaluationResult.enabled("Runs on any database");
		}
		String release = requirement.get().value();
		if (!release.isEmpty() && !RELEASE.matcher(release).matches()) {
			throw new ExtensionConfigurationException("@EnabledOnCockroach on " + context.getDisplayName()
					+ ": 'value' must be a release line such as 23.1, but is '" + release + "'");
		}
		ServerInfo serverInfo = ChosenServer.get().serverInfo();
		String needed = ("CockroachDB " + release).strip();
		return (serverInfo.isCockroach() && (release.isEmpty() || isAtLeast(serverInfo.version(), release)))
				? ConditionEvaluationResult.enabled("Is " + needed)
				: ConditionEvaluationResult.disabled("Needs " + needed + ", but this is " + serverInfo.description());
	}

	private static @Nullable EnabledOnCockroach findRequirement(AnnotatedElement element) {
		return AnnotatedElementUtils.findMergedAnnotation(element, EnabledOnCockroach.class);
	}

	private static boolean isAtLeast(@Nullable CrdbVersion version, String release) {
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
			.computeIfAbsent(TestDatabase.class, (key) -> ChosenServer.get().createDatabase(), TestDatabase.class);
	}

	private static ExtensionContext classContext(ExtensionContext context) {
		ExtensionContext candidate = context;
		while (candidate.getTestMethod().isPresent()) {
			candidate = candidate.getParent().orElseThrow();
		}
		return candidate;
	}

}
