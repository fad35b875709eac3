package io.github.crdbspring.transaction;

import java.util.Arrays;
import java.util.Locale;

/**
 * The priority of a transaction in conflicts with others. CockroachDB advises against
 * changing it; a transaction of a lower priority that meets one of a higher is aborted,
 * or made to wait.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/transactions#transaction-priorities">CockroachDB:
 * Transaction priorities</a>
 */
public enum TransactionPriority {

	/**
	 * What is configured elsewhere, else nothing is sent to the server.
	 */
	DEFAULT,

	/**
	 * Loses against the others.
	 */
	LOW,

	/**
	 * The server's own default.
	 */
	NORMAL,

	/**
	 * Wins against the others.
	 */
	HIGH;

	/**
	 * Parse a priority, whatever its case.
	 * @param text the name of a priority
	 * @return the priority
	 * @throws IllegalArgumentException if there is no such priority
	 */
	public static TransactionPriority parse(String text) {
		return Arrays.stream(values())
			.filter((priority) -> priority.name().equals(text.toUpperCase(Locale.ROOT)))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"Unknown transaction priority '" + text + "': use one of " + Arrays.toString(values())));
	}

}
