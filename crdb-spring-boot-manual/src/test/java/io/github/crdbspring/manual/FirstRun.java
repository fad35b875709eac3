package io.github.crdbspring.manual;

import java.io.PrintStream;

import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary.Failure;

/**
 * Runs a test class in a JVM of its own, and prints what failed, each behind
 * {@link #MARK}.
 */
public final class FirstRun {

	static final String MARK = "### ";

	private FirstRun() {
	}

	/**
	 * Run.
	 * @param args the name of the test class
	 */
	public static void main(String[] args) {
		SummaryGeneratingListener listener = new SummaryGeneratingListener();
		LauncherFactory.create()
			.execute(LauncherDiscoveryRequestBuilder.request()
				.selectors(DiscoverySelectors.selectClass(args[0]))
				.build(), listener);
		PrintStream out = new PrintStream(System.out, true);
		out.println(MARK + listener.getSummary().getTestsStartedCount());
		for (Failure failure : listener.getSummary().getFailures()) {
			out.println(MARK + failure.getTestIdentifier().getDisplayName());
			out.println(failure.getException().getMessage());
		}
		out.println(MARK);
	}

}
