package io.github.crdbspring.test;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.PatternMatchUtils;

/**
 * Which transactions fail, where, and how often.
 *
 * @param times how many attempts fail
 * @param at where they fail
 * @param transaction the name of the transactions, empty for all of this library's
 * @param statement how the statement begins, empty for any
 */
record InjectionRule(int times, FailurePoint at, String transaction, String statement) {

	/**
	 * Nothing fails.
	 */
	static final InjectionRule NONE = new InjectionRule(0, FailurePoint.COMMIT, "", "");

	private static final Pattern SKIPPED = Pattern.compile("\\s*+(?:SET|SHOW|RESET|SAVEPOINT|RELEASE|BEGIN)\\b.*+",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	/**
	 * Make a rule of an annotation.
	 * @param where what is annotated, for the message
	 */
	static InjectionRule of(InjectRetries annotation, String where) {
		return checked("@InjectRetries on " + where + ": '%s'", annotation.times(), annotation.at(),
				annotation.transaction(), annotation.statement());
	}

	/**
	 * Make a rule, and refuse values that make no sense.
	 * @param description how to name a value in the message
	 */
	static InjectionRule checked(String description, int times, FailurePoint at, String transaction, String statement) {
		if (times < 0) {
			throw new IllegalArgumentException(description.formatted("times")
					+ " must be the number of attempts that fail, 0 for none, but is " + times);
		}
		requireText(description.formatted("transaction"), transaction, "BankService.transfer");
		requireText(description.formatted("statement"), statement, "UPDATE account");
		if (SKIPPED.matcher(statement).matches()
				|| Pattern.compile("\\s*+(?:COMMIT|ROLLBACK|END|ABORT)\\b.*+", Pattern.CASE_INSENSITIVE)
					.matcher(statement)
					.matches()) {
			throw new IllegalArgumentException(
					description.formatted("statement") + " must be one that reads or writes, but is '" + statement
							+ "'. For a COMMIT that fails choose with 'at'");
		}
		return new InjectionRule(times, at, transaction, statement);
	}

	private static void requireText(String description, String value, String example) {
		if (!value.isEmpty() && value.isBlank()) {
			throw new IllegalArgumentException(
					description + " must be left out, or be a text such as " + example + ", but is blank");
		}
	}

	boolean isForCommit() {
		return this.at != FailurePoint.STATEMENT && this.at != FailurePoint.CONNECTION_LOST;
	}

	/**
	 * Whether a transaction is meant.
	 * @param name its name, {@code null} if it has none
	 * @param own whether this library would run it again
	 */
	boolean matchesTransaction(@Nullable String name, boolean own) {
		return this.transaction.isEmpty() ? own : name != null && PatternMatchUtils.simpleMatch(this.transaction, name);
	}

	boolean matchesStatement(@Nullable String sql) {
		if (this.statement.isEmpty()) {
			return sql == null || !SKIPPED.matcher(sql).matches();
		}
		return sql != null && statementPattern().matcher(sql).matches();
	}

	private Pattern statementPattern() {
		String regex = Stream.of(this.statement.strip().split("%", -1))
			.map((part) -> Stream.of(part.split("\\s+", -1)).map(Pattern::quote).collect(Collectors.joining("\\s+")))
			.collect(Collectors.joining(".*"));
		return Pattern.compile("\\s*" + regex + ".*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
	}

	String describe() {
		return "times = " + this.times + ", at = " + this.at
				+ (this.transaction.isEmpty() ? "" : ", transaction = \"" + this.transaction + "\"")
				+ (this.statement.isEmpty() ? "" : ", statement = \"" + this.statement + "\"");
	}

}
