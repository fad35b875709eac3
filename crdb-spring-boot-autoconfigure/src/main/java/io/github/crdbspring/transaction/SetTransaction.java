package io.github.crdbspring.transaction;

import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.annotation.Isolation;

/**
 * Renders the one statement that carries a transaction's options to the server. All of
 * them go into one, and as the first of the transaction, which leaves the server free to
 * retry the first batch by itself.
 */
final class SetTransaction {

	private SetTransaction() {
	}

	/**
	 * Render the statement for an attempt.
	 * @param options the options
	 * @param attempt the attempt's number, from 1
	 * @return the statement, {@code null} if there is nothing to say
	 */
	static @Nullable String render(CrdbTransactionOptions options, int attempt) {
		TransactionPriority priority = priority(options, attempt);
		SystemTime systemTime = options.systemTime();
		if (priority == TransactionPriority.DEFAULT && systemTime == null && options.isolation() == Isolation.DEFAULT) {
			return null;
		}
		StringJoiner modes = new StringJoiner(", ", "SET TRANSACTION ", "");
		if (options.isolation() != Isolation.DEFAULT) {
			modes.add("ISOLATION LEVEL " + options.isolation().name().replace('_', ' '));
		}
		if (priority != TransactionPriority.DEFAULT) {
			modes.add("PRIORITY " + priority);
		}
		if (systemTime != null) {
			modes.add("AS OF SYSTEM TIME " + systemTime.toSql());
		}
		return modes.toString();
	}

	private static TransactionPriority priority(CrdbTransactionOptions options, int attempt) {
		boolean retry = attempt > 1 && options.retryPriority() != TransactionPriority.DEFAULT;
		return retry ? options.retryPriority() : options.priority();
	}

}
