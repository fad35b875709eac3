package io.github.crdbspring.test;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * Puts what {@link InjectRetries} says into force while a test method runs.
 */
class InjectRetriesExtension
		implements BeforeAllCallback, BeforeEachCallback, BeforeTestExecutionCallback, AfterTestExecutionCallback {

	private static final Namespace NAMESPACE = Namespace.create(InjectRetriesExtension.class);

	@Override
	public void beforeAll(ExtensionContext context) {
		rule(context);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		rule(context);
	}

	@Override
	public void beforeTestExecution(ExtensionContext context) {
		TestRun begun = TestRun.begin();
		if (begun != null) {
			store(context).put(TestRun.class, begun);
		}
		TestRun.require().setRule(rule(context));
	}

	@Override
	public void afterTestExecution(ExtensionContext context) {
		TestRun run = TestRun.require();
		InjectionRule rule = run.rule();
		run.setRule(null);
		TestRun begun = store(context).remove(TestRun.class, TestRun.class);
		if (begun != null) {
			begun.end();
		}
		boolean onMethod = context.getTestMethod()
			.map((method) -> AnnotatedElementUtils.hasAnnotation(method, InjectRetries.class))
			.orElse(false);
		if (onMethod && rule != null && rule.times() > 0 && !run.isInjected()
				&& context.getExecutionException().isEmpty()) {
			throw new AssertionError(explainNothing(rule, run));
		}
	}

	private static String explainNothing(InjectionRule rule, TestRun run) {
		String seen = run.seen().isEmpty()
				? "No transaction ran at all on a DataSource that takes injections. In a Spring test every guarded "
						+ "DataSource does; without Spring, call RetryInjection.install(dataSource)"
				: "These transactions ran: " + String.join(", ", run.seen());
		return "@InjectRetries(" + rule.describe() + ") let nothing fail, so that this test shows nothing. " + seen;
	}

	private static Store store(ExtensionContext context) {
		return context.getStore(NAMESPACE);
	}

	private static @Nullable InjectionRule rule(ExtensionContext context) {
		InjectRetries onMethod = context.getTestMethod()
			.map((method) -> AnnotatedElementUtils.findMergedAnnotation(method, InjectRetries.class))
			.orElse(null);
		if (onMethod != null) {
			return rule(onMethod,
					context.getRequiredTestClass().getSimpleName() + "." + context.getRequiredTestMethod().getName());
		}
		for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
			InjectRetries onClass = AnnotatedElementUtils.findMergedAnnotation(type, InjectRetries.class);
			if (onClass != null) {
				return rule(onClass, type.getSimpleName());
			}
		}
		return null;
	}

	private static InjectionRule rule(InjectRetries annotation, String where) {
		try {
			return InjectionRule.of(annotation, where);
		}
		catch (IllegalArgumentException ex) {
			throw new ExtensionConfigurationException(ex.getMessage(), ex);
		}
	}

}
