package io.github.crdbspring.test;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts the servers of {@link ServerTest} for a whole run. JUnit closes them at its end.
 */
class ServerExtension implements ParameterResolver, ExecutionCondition {

	private static final Namespace NAMESPACE = Namespace.create(ServerExtension.class);

	private static final Map<Class<?>, Callable<?>> SERVERS = Map.of(TlsPostgres.class, TlsPostgres::start,
			PasswordPostgres.class, PasswordPostgres::new, SecureCockroach.class, SecureCockroach::start);

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		boolean needsCockroach = context.getTestMethod()
			.map((method) -> List.of(method.getParameterTypes()).contains(SecureCockroach.class))
			.orElse(false);
		return (needsCockroach && CockroachProcess.findExecutable() == null)
				? ConditionEvaluationResult.disabled("Needs a cockroach executable on the PATH or at COCKROACH_BINARY")
				: ConditionEvaluationResult.enabled("Can be started");
	}

	@Override
	public boolean supportsParameter(ParameterContext parameterContext, ExtensionContext context) {
		return SERVERS.containsKey(parameterContext.getParameter().getType());
	}

	@Override
	public Object resolveParameter(ParameterContext parameterContext, ExtensionContext context) {
		Class<?> type = parameterContext.getParameter().getType();
		return context.getRoot().getStore(NAMESPACE).computeIfAbsent(type, ServerExtension::start);
	}

	private static Object start(Class<?> type) {
		try {
			return SERVERS.get(type).call();
		}
		catch (Exception ex) {
			throw new IllegalStateException("No " + type.getSimpleName() + " could be started", ex);
		}
	}

}
