package io.github.crdbspring.error;

import java.util.List;

/**
 * How the exceptions that end a retry loop present the failures of its attempts.
 */
final class RetryFailures {

	private RetryFailures() {
	}

	static String describe(String transactionName) {
		return transactionName.isEmpty() ? "Transaction" : "Transaction '" + transactionName + "'";
	}

	static Throwable last(List<Throwable> failures) {
		return failures.get(failures.size() - 1);
	}

	static void suppressEarlier(Throwable target, List<Throwable> failures) {
		for (int i = failures.size() - 2; i >= 0; i--) {
			target.addSuppressed(failures.get(i));
		}
	}

}
