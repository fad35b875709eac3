package io.github.crdbspring.test;

import org.jspecify.annotations.Nullable;

/**
 * Shows whether code is safe to be run again. An action runs with failures, of which each
 * of its transactions has one at COMMIT, when all of its code has run, and once more
 * without; in between, the rows of all tables are put back as they were. What an attempt
 * has left behind, although it was rolled back, and what both runs have left in the
 * tables and sent elsewhere, is compared.
 *
 * <pre class="code">
 * &#64;Test
 * void aPaymentIsSafeToBeRetried() {
 *     RetrySafety.check(() -&gt; this.payments.receive(payment));
 * }
 * </pre>
 *
 * <b>What counts as an effect that happened twice:</b>
 * <ul>
 * <li>a call of a bean that reaches out: senders of mail, JMS, Kafka and AMQP messages,
 * {@code RestClient} and {@code RestTemplate}, and any mock of Mockito's</li>
 * <li>an application event, unless only transactional listeners take it, which get it
 * after the commit</li>
 * <li>a change in memory that an attempt has left behind: in what the action refers to,
 * and in the application's beans; unless it comes to the same in the end, such as one
 * element more of a set</li>
 * <li>a row that another transaction has written, such as one with {@code REQUIRES_NEW},
 * unless it comes to the same in the end; and any number of rows that is another one than
 * without a failure</li>
 * </ul>
 * <b>What is told, too,</b> but is no fault by itself: a {@code Clock} that was read
 * twice, a sequence that has moved on, a statement that was sent with other values.
 * <p>
 * What the code does before and after its transactions is not looked at, since it happens
 * once. Statics, files, and objects of other libraries that are no beans are not seen.
 * Afterwards the tables are as after a single run. The action has to do the same in both
 * runs, so it must not change the schema, and nobody else should write to the tables
 * meanwhile: what is written is undone. The rows of a table with more than 5,000 are only
 * counted, and not put back; sequences go on.
 * <p>
 * In a Spring test it takes no preparation; without Spring, the DataSource needs
 * {@link RetryInjection#install(io.github.crdbspring.jdbc.CrdbDataSource)}.
 *
 * @since 0.1.0
 */
public final class RetrySafety {

	private RetrySafety() {
	}

	/**
	 * Run an action, with failures and without, and fail if it is not safe to be run
	 * again.
	 * @param action the action, which calls what has transactions
	 * @throws AssertionError if something happened twice, with the report as its message,
	 * or if there was no transaction that could be run again
	 * @throws Exception what the action failed with
	 */
	public static void check(Action action) throws Exception {
		RetrySafetyReport report = report(action);
		if (!report.isSafe()) {
			throw new AssertionError(report.toString());
		}
	}

	/**
	 * Run an action, with failures and without, and report what happened twice.
	 * @param action the action, which calls what has transactions
	 * @return the report
	 * @throws AssertionError if there was no transaction that could be run again
	 * @throws Exception what the action failed with
	 */
	public static RetrySafetyReport report(Action action) throws Exception {
		TestRun begun = (TestRun.current() == null) ? TestRun.begin() : null;
		TestRun run = TestRun.require();
		InjectionRule rule = run.rule();
		SafetyCheck check = new SafetyCheck(action, run.applicationContext());
		try {
			run.setSafetyCheck(check);
			run.setRule(InjectionRule.ONCE);
			action.run();
			check.requireRollback(run.seen());
			run.setRule(InjectionRule.NONE);
			runAgain(action, check);
			check.end();
		}
		finally {
			run.setSafetyCheck(null);
			run.setRule(rule);
			end(begun);
		}
		return check.report();
	}

	private static void runAgain(Action action, SafetyCheck check) throws Exception {
		try {
			check.nowWithoutFailures();
			action.run();
		}
		catch (Exception | Error ex) {
			ex.addSuppressed(new IllegalStateException("This was the run without failures, which follows the one with "
					+ "failures. Rows were put back in between, but nothing else: the action has to be one that can be "
					+ "run twice"));
			throw ex;
		}
	}

	private static void end(@Nullable TestRun begun) {
		if (begun != null) {
			begun.end();
		}
	}

	/**
	 * What is checked.
	 */
	@FunctionalInterface
	public interface Action {

		/**
		 * Run.
		 * @throws Exception if it fails
		 */
		void run() throws Exception;

	}

}
