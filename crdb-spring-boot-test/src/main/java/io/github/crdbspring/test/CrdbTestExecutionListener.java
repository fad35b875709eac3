package io.github.crdbspring.test;

import java.util.Set;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import org.springframework.test.context.transaction.TestTransaction;

/**
 * Accompanies Spring tests: knows when a test method runs, explains why a transaction
 * could not be retried in it, and empties the tables of a {@link CrdbTest}.
 */
class CrdbTestExecutionListener extends AbstractTestExecutionListener {

	private static final Log logger = LogFactory.getLog(CrdbTestExecutionListener.class);

	private static final String RUN = CrdbTestExecutionListener.class.getName() + ".run";

	@Override
	public void beforeTestExecution(TestContext testContext) {
		TestRun begun = TestRun.begin();
		if (begun != null) {
			testContext.setAttribute(RUN, begun);
		}
		if (testContext.hasApplicationContext()) {
			TestRun.require().setApplicationContext(testContext.getApplicationContext());
		}
	}

	@Override
	public void afterTestExecution(TestContext testContext) {
		if (testContext.removeAttribute(RUN) instanceof TestRun run) {
			run.end();
		}
		Throwable failure = testContext.getTestException();
		NestedTransactionRejectedException rejection = findRejection(failure);
		if (failure != null && rejection != null && TestTransaction.isActive()) {
			TestTransactionProblem problem = new TestTransactionProblem(testContext, rejection);
			logger.error(problem.getMessage());
			failure.addSuppressed(problem);
		}
	}

	private static @Nullable NestedTransactionRejectedException findRejection(@Nullable Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof NestedTransactionRejectedException rejection) {
				return rejection;
			}
		}
		return null;
	}

	@Override
	public void afterTestMethod(TestContext testContext) throws Exception {
		CrdbTest annotation = TestContextAnnotationUtils.findMergedAnnotation(testContext.getTestClass(),
				CrdbTest.class);
		if (annotation == null || !testContext.hasApplicationContext()) {
			return;
		}
		DataSource dataSource = testContext.getApplicationContext().getBeanProvider(DataSource.class).getIfUnique();
		if (dataSource != null) {
			new Tables(dataSource).empty(Set.of(annotation.keepTables()));
		}
	}

}
