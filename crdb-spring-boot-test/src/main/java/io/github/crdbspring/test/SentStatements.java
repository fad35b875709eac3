package io.github.crdbspring.test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

/**
 * The statements of transactions by attempt.
 */
final class SentStatements {

	private final Map<String, Map<Integer, List<Sent>>> statements = new LinkedHashMap<>();

	/**
	 * Take note of a statement.
	 * @param prepared the statement if it was prepared, {@code null} if it was not
	 */
	void add(TransactionAttempt attempt, @Nullable Object prepared, String sql) {
		this.statements.computeIfAbsent(attempt.name(), (key) -> new TreeMap<>())
			.computeIfAbsent(attempt.number(), (key) -> new ArrayList<>())
			.add(Sent.of(prepared, sql));
	}

	/**
	 * Return those that a second attempt has sent with other values.
	 */
	List<RetrySafetyFinding> findings() {
		List<RetrySafetyFinding> findings = new ArrayList<>();
		this.statements.forEach((transaction, attempts) -> findings.addAll(compare(transaction, attempts)));
		return findings;
	}

	private static List<RetrySafetyFinding> compare(String transaction, Map<Integer, List<Sent>> attempts) {
		List<RetrySafetyFinding> different = new ArrayList<>();
		List<Sent> first = attempts.getOrDefault(1, List.of());
		List<Sent> second = attempts.getOrDefault(2, List.of());
		for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
			Sent before = first.get(i);
			Sent after = second.get(i);
			if (before.sql().equals(after.sql()) && !before.values().equals(after.values())) {
				different.add(new RetrySafetyFinding(transaction, Kind.STATEMENT,
						before.values() + " (in attempt 2: " + after.values() + ")"));
			}
		}
		return different;
	}

	/**
	 * A statement.
	 *
	 * @param sql its text
	 * @param values its text with the values, as the driver writes it
	 */
	private record Sent(String sql, String values) {

		private static final String WRAPPING = " wrapping ";

		static Sent of(@Nullable Object prepared, String sql) {
			if (prepared == null) {
				return new Sent("", sql);
			}
			String text = String.valueOf(prepared);
			int start = text.startsWith("HikariProxy") ? text.indexOf(WRAPPING) : -1;
			return new Sent(sql, (start >= 0) ? text.substring(start + WRAPPING.length()) : text);
		}

	}

}
