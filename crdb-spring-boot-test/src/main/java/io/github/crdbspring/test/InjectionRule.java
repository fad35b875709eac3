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
 * @param every whether of each transaction, or else of each test
 * @param server whether the server itself makes the failures
 * @param at where they fail
 * @param transaction the name of the transactions, empty for all of this library's
 * @param statement how the statement begins, empty for any
 */
record InjectionRule(int times, boolean every, boolean server, FailurePoint at, String transaction, String statement) {

	/**
	 * Every transaction fails once at COMMIT.
	 */
	static final InjectionRule ONCE = new InjectionRule(1, true, false, FailurePoint.COMMIT, "", "");

	/**
	 * Nothing fails.
	 */
	static final InjectionRule NONE = new InjectionRule(0, true, false, FailurePoint.COMMIT, "", "");

	private static final Pattern SKIPPED = Pattern.compile("\\s*+(?:SET|SHOW|RESET|SAVEPOINT|RELEASE|BEGIN)\\b.*+",
			Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

	private static final Pattern ENDING = Pattern.compile("\\s*+(?:COMMIT|ROLLBACK|END|ABORT)\\b.*+",
			Pattern.CASE_INSENSITIVE);

	/**
	 * Make a rule of an annotation.
	 * @param where what is annotated, for the message
	 */
	static InjectionRule of(InjectRetries annotation, String where) {
		return new InjectionRule(annotation.times(), annotation.every(), annotation.server(), annotation.at(),
				annotation.transaction(), annotation.statement())
			.checked("@InjectRetries on " + where + ": '%s'");
	}

	/**
	 * Make a rule of properties.
	 */
	static InjectionRule of(CrdbTestProperties.InjectRetries properties) {
		return new InjectionRule(properties.getTimes(), properties.isEvery(), properties.isServer(), properties.getAt(),
				properties.getTransaction(), properties.getStatement())
			.checked("'crdb.test.inject-retries.%s'");
	}

	/**
	 * Refuse values that make no sense.
	 * @param description how to name a value in the message
	 */
	private InjectionRule checked(String description) {
		if (this.times < 0) {
			throw new IllegalArgumentException(description.formatted("times")
					+ " must be the number of attempts that fail, 0 for none, but is " + this.times);
		}
		requireText(description.formatted("transaction"), this.transaction, "BankService.transfer");
		requireText(description.formatted("statement"), this.statement, "UPDATE account");
		if (SKIPPED.matcher(this.statement).matches() || ENDING.matcher(this.statement).matches()) {
			throw new IllegalArgumentException(
					description.formatted("statement") + " must be one that reads or writes, but is '" + this.statement
							+ "'. For a COMMIT that fails choose with 'at'");
		}
		if (this.server && this.at != FailurePoint.STATEMENT && this.at != FailurePoint.COMMIT) {
			throw new IllegalArgumentException(description.formatted("server")
					+ " must be left out, or 'at' be STATEMENT or COMMIT: the server cannot be made to fail at "
					+ this.at);
		}
		return this;
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
		return "times = " + this.times + (this.every ? "" : ", every = false") + ", at = " + this.at
				+ (this.server ? ", server = true" : "")
				+ (this.transaction.isEmpty() ? "" : ", transaction = \"" + this.transaction + "\"")
				+ (this.statement.isEmpty() ? "" : ", statement = \"" + this.statement + "\"");
	}

}
