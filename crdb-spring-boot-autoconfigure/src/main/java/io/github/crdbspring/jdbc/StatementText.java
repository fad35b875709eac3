package io.github.crdbspring.jdbc;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The text of a statement, and what it says about the end of a transaction. It is looked
 * at closely only after the statement has ended one, or may have.
 */
final class StatementText {

	/**
	 * The savepoints whose release is a commit to CockroachDB have names that start so.
	 * Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/advanced-client-side-transaction-retries">
	 * {@code advanced-client-side-transaction-retries}</a>.
	 */
	private static final String RETRY_SAVEPOINT = "cockroach_restart";

	private static final int DESCRIPTION_LENGTH = 80;

	private static final Pattern COMMIT = begins("(?:COMMIT|END|RELEASE|SHOW\\s++COMMIT\\s++TIMESTAMP)\\b");

	private static final Pattern COMMIT_OF_TRANSACTION = begins("(?:COMMIT|END)\\b(?!\\s++PREPARED)");

	private static final Pattern ROLLBACK = begins("(?:ROLLBACK(?!\\s++TO\\b)|ABORT)\\b");

	private static final Pattern SCHEMA_CHANGE = begins("(?:CREATE|ALTER|DROP|TRUNCATE|COMMENT|GRANT|REVOKE)\\b");

	private static final Pattern ROW_CHANGE = Pattern.compile("^\\s*+(?:INSERT|UPDATE|DELETE)\\b",
			Pattern.CASE_INSENSITIVE);

	private static final Pattern WEAK_ISOLATION = Pattern
		.compile("ISOLATION\\s++LEVEL\\s++(?:READ|REPEATABLE|SNAPSHOT)", Pattern.CASE_INSENSITIVE);

	private static final Pattern CALL = begins("CALL\\b");

	private static final Pattern RELEASE = begins("RELEASE\\b");

	private static final Pattern SEVERAL = Pattern.compile(";\\s*+[^\\s;]");

	/**
	 * A statement whose text nobody knows.
	 */
	static final StatementText UNKNOWN = new StatementText(null, false);

	private final @Nullable String sql;

	private final boolean batch;

	private final boolean retrySavepoint;

	private @Nullable Boolean transactionControl;

	private StatementText(@Nullable String sql, boolean batch) {
		this.sql = sql;
		this.batch = batch;
		this.retrySavepoint = sql != null && SqlText.mentions(sql, RETRY_SAVEPOINT);
	}

	static StatementText of(String sql) {
		return new StatementText(sql, false);
	}

	/**
	 * Return the text of a batch, of which only the last statement is known.
	 */
	StatementText inBatch() {
		return new StatementText(this.sql, true);
	}

	static boolean isRetrySavepoint(String name) {
		return name.regionMatches(true, 0, RETRY_SAVEPOINT, 0, RETRY_SAVEPOINT.length());
	}

	@Nullable String sql() {
		return this.sql;
	}

	boolean mentionsRetrySavepoint() {
		return this.retrySavepoint;
	}

	/**
	 * Whether the text says that it ends the transaction. The driver's state does not
	 * show it where the same text begins another one.
	 */
	boolean endsTransaction() {
		Boolean known = this.transactionControl;
		if (known == null) {
			known = mayEndTransaction() && (matches(COMMIT_OF_TRANSACTION) || matches(ROLLBACK));
			this.transactionControl = known;
		}
		return known;
	}

	/**
	 * A look that costs next to nothing: a single statement that begins with another
	 * letter than those of COMMIT, END, ROLLBACK and ABORT ends nothing.
	 */
	private boolean mayEndTransaction() {
		if (this.sql == null || this.sql.isEmpty()) {
			return false;
		}
		return "CcEeRrAa -/(".indexOf(this.sql.charAt(0)) >= 0 || Character.isWhitespace(this.sql.charAt(0))
				|| this.sql.indexOf(';') >= 0;
	}

	boolean releasesRetrySavepoint() {
		return this.retrySavepoint && matches(RELEASE);
	}

	boolean isSeveral() {
		return this.batch || matches(SEVERAL);
	}

	/**
	 * Whether it does nothing else than change rows, so that it does nothing if it
	 * changes none.
	 */
	boolean changesRows() {
		return !isSeveral() && matches(ROW_CHANGE);
	}

	boolean isCommit() {
		return !isSeveral() && matches(COMMIT);
	}

	boolean isRollback() {
		return matches(ROLLBACK);
	}

	boolean weakensIsolation() {
		return matches(WEAK_ISOLATION);
	}

	/**
	 * Whether the transaction may have been committed if the answer to this statement
	 * never came.
	 * @param bySchemaChange whether the server commits before a schema change
	 */
	boolean mayCommit(boolean bySchemaChange) {
		return matches(COMMIT) || matches(CALL) || (bySchemaChange && matches(SCHEMA_CHANGE));
	}

	private boolean matches(Pattern pattern) {
		return this.sql != null && pattern.matcher(SqlText.withoutLiterals(this.sql)).find();
	}

	private static Pattern begins(String statement) {
		return Pattern.compile("(?:^|;)\\s*+" + statement, Pattern.CASE_INSENSITIVE);
	}

	/**
	 * Return the beginning of the text, without literals, which may be secrets.
	 */
	String describe() {
		if (this.sql == null) {
			return "a batch";
		}
		String text = SqlText.withoutLiterals(this.sql).strip().replaceAll("\\s++", " ");
		return (text.length() > DESCRIPTION_LENGTH) ? text.substring(0, DESCRIPTION_LENGTH) + "…" : text;
	}

}
