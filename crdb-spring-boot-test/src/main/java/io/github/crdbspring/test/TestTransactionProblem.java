package io.github.crdbspring.test;

import io.github.crdbspring.error.NestedTransactionRejectedException;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.test.context.TestContext;
import org.springframework.transaction.annotation.Transactional;

/**
 * Explains why a test method that has a transaction around it cannot call what would be
 * retried. Is suppressed in the failure of the test.
 */
final class TestTransactionProblem extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	TestTransactionProblem(TestContext testContext, NestedTransactionRejectedException rejection) {
		super(explain(testContext));
		setStackTrace(new StackTraceElement[0]);
	}

	private static String explain(TestContext testContext) {
		Class<?> type = testContext.getTestClass();
		return """


				***************************
				THIS TEST CANNOT BE RETRIED
				***************************

				Description:

				%s.%s runs in a transaction that Spring began for the test, since %s. Nothing in it can be run again on \
				its own, so what would be retried refuses to run.

				Action:

				%s. Then clean up after the test yourself, or let @CrdbTest empty the tables. \
				To run inside of the test's transaction and never retry, set crdb.transaction.nested=join-any for the test.
				"""
			.formatted(type.getSimpleName(), testContext.getTestMethod().getName(), reason(testContext, type),
					action(testContext, type));
	}

	private static boolean isOnMethod(TestContext testContext) {
		return AnnotatedElementUtils.hasAnnotation(testContext.getTestMethod(), Transactional.class);
	}

	private static MergedAnnotation<Transactional> onClass(Class<?> type) {
		return MergedAnnotations.search(SearchStrategy.TYPE_HIERARCHY)
			.withEnclosingClasses(Class::isMemberClass)
			.from(type)
			.get(Transactional.class);
	}

	private static String reason(TestContext testContext, Class<?> type) {
		if (isOnMethod(testContext)) {
			return "the method is annotated with @Transactional";
		}
		MergedAnnotation<?> slice = onClass(type).getMetaSource();
		return (slice != null)
				? "@" + slice.getType().getSimpleName() + " on its class makes every test method @Transactional"
				: "its class is annotated with @Transactional";
	}

	private static String action(TestContext testContext, Class<?> type) {
		MergedAnnotation<?> slice = onClass(type).getMetaSource();
		return (!isOnMethod(testContext) && slice != null)
				? "Annotate the class with @Transactional(propagation = Propagation.NOT_SUPPORTED) as well, or use "
						+ "@CrdbTest in place of @" + slice.getType().getSimpleName()
				: "Remove @Transactional from the test";
	}

}
