package io.github.crdbspring.transaction;

import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.annotation.Isolation;

/**
 * Renders what carries a transaction's options to the server in one round trip, as the
 * first of the transaction. The transaction's modes are one statement, which leaves the
 * server free to retry the first batch by itself. Session variables, if any, follow in
 * statements of their own, after which the server does not.
 */
final class SetTransaction {

	private SetTransaction() {
	}

	/**
	 * Render the statements for an attempt.
	 * @param options the options
	 * @param attempt the attempt's number, from 1
	 * @return the statements, {@code null} if there is nothing to say
	 */
	static @Nullable String render(CrdbTransactionOptions options, int attempt) {
		StringJoiner statements = new StringJoiner("; ").setEmptyValue("");
		String modes = modes(options, attempt);
		if (!modes.isEmpty()) {
			statements.add("SET TRANSACTION " + modes);
		}
		if (options.qualityOfService() != QualityOfService.DEFAULT) {
			statements.add("SET LOCAL default_transaction_quality_of_service = " + options.qualityOfService().toSql());
		}
		if (options.lockTimeout() != null) {
			statements.add("SET LOCAL lock_timeout = '" + options.lockTimeout().toMillis() + "ms'");
		}
		return (statements.length() != 0) ? statements.toString() : null;
	}

	private static String modes(CrdbTransactionOptions options, int attempt) {
		StringJoiner modes = new StringJoiner(", ");
		if (options.isolation() != Isolation.DEFAULT) {
			modes.add("ISOLATION LEVEL " + options.isolation().name().replace('_', ' '));
		}
		TransactionPriority priority = priority(options, attempt);
		if (priority != TransactionPriority.DEFAULT) {
			modes.add("PRIORITY " + priority);
		}
		SystemTime systemTime = options.systemTime();
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
