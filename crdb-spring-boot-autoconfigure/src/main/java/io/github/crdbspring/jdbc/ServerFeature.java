package io.github.crdbspring.jdbc;

import java.sql.Connection;

import org.jspecify.annotations.Nullable;

/**
 * What servers differ in: CockroachDB by version, and from PostgreSQL. This is the one
 * table of that, with the source of each row, and whether it was seen on a server or only
 * read. Each row is one that this library acts upon.
 *
 * @since 0.1.0
 * @see ServerInfo#supports(ServerFeature)
 */
public enum ServerFeature {

	/**
	 * Savepoints of any name, which can be nested.
	 */
	SAVEPOINTS(true, "20.1", "on", "21.1, 22.1", "https://www.cockroachlabs.com/docs/stable/savepoint"),

	/**
	 * A changefeed without a sink, whose rows are read like those of a query. 20.2 and
	 * before were not looked at.
	 */
	CHANGEFEED(false, "21.1", "on", "21.1, 22.1", "https://www.cockroachlabs.com/docs/stable/create-changefeed"),

	/**
	 * {@code SET LOCAL lock_timeout}: a bound for each wait for a lock, as a session
	 * variable for one transaction.
	 */
	LOCK_TIMEOUT(true, "21.2", "on", "21.1 (not there), 22.1", "https://www.cockroachlabs.com/docs/stable/set-vars"),

	/**
	 * Bounded staleness: {@code with_max_staleness()} and {@code with_min_timestamp()} in
	 * a single statement.
	 */
	BOUNDED_STALENESS(false, "21.2", "with a licence before 24.3", "21.1 (not there), 22.1 (refused without a licence)",
			"https://www.cockroachlabs.com/docs/stable/follower-reads"),

	/**
	 * Acting on the driver's request to cancel a statement, on which JDBC's query timeout
	 * depends.
	 */
	QUERY_CANCEL(true, "22.1", "on", "21.1 (not there), 22.1",
			"https://www.cockroachlabs.com/docs/stable/cancel-query"),

	/**
	 * {@code SET LOCAL default_transaction_quality_of_service}: how urgent a transaction
	 * is to admission control. Early pre-releases of 22.1 refuse it as an unknown
	 * parameter.
	 */
	QUALITY_OF_SERVICE(false, "22.1", "on", "22.1.0-alpha.1 (not there yet)",
			"https://www.cockroachlabs.com/docs/stable/admission-control"),

	/**
	 * Conflicts of the server's own making in explicit transactions, for tests: the
	 * session variable {@code inject_retry_errors_enabled}.
	 */
	INJECTED_RETRY_ERRORS(false, "22.1", "off", "22.1",
			"https://www.cockroachlabs.com/docs/stable/transaction-retry-error-example"),

	/**
	 * The same at COMMIT: the session variable {@code
	 * inject_retry_errors_on_commit_enabled}.
	 */
	INJECTED_COMMIT_ERRORS(false, "23.1", "off", "22.1 (not there)",
			"https://github.com/cockroachdb/cockroach/pull/97226"),

	/**
	 * The option {@code min_checkpoint_frequency} of changefeeds, without which resolved
	 * timestamps come no more often than every 30 seconds where it exists.
	 */
	CHANGEFEED_CHECKPOINT_FREQUENCY(false, "22.1", "on", "21.1 (not there), 22.1",
			"https://www.cockroachlabs.com/docs/stable/create-changefeed"),

	/**
	 * Schema changes on a table while a changefeed is open on it. Before, they wait until
	 * it ends.
	 */
	CHANGEFEED_SCHEMA_CHANGES(false, "22.1", "on", null, "https://github.com/cockroachdb/cockroach/pull/78360"),

	/**
	 * All digits of a {@code FLOAT} without being asked for them with {@code
	 * extra_float_digits}.
	 */
	ALL_FLOAT_DIGITS(true, "22.2", "on", "21.1, 22.1 (not there)", "https://www.cockroachlabs.com/docs/releases/v22.2"),

	/**
	 * A query as the source of a changefeed: {@code CREATE CHANGEFEED … AS SELECT}.
	 */
	CHANGEFEED_QUERY(false, "22.2", "on", null, "https://www.cockroachlabs.com/docs/stable/cdc-queries"),

	/**
	 * {@code READ COMMITTED} transactions: a cluster setting. Without it they run as
	 * {@code SERIALIZABLE}.
	 */
	READ_COMMITTED(true, "23.2", "off, on since 24.1", "21.1, 22.1 (runs as SERIALIZABLE)",
			"https://www.cockroachlabs.com/docs/stable/read-committed"),

	/**
	 * {@code REPEATABLE READ} transactions: a preview behind the cluster setting {@code
	 * sql.txn.repeatable_read_isolation.enabled}. Without it they run as {@code
	 * SERIALIZABLE}.
	 */
	REPEATABLE_READ(true, "24.3", "off", "21.1, 22.1 (runs as SERIALIZABLE)",
			"https://www.cockroachlabs.com/docs/stable/set-transaction"),

	/**
	 * A schema change commits the transaction that it is in, unless the session variable
	 * {@code autocommit_before_ddl} is off. There since 24.1, and on since 25.1.
	 */
	AUTOCOMMIT_BEFORE_DDL(false, "25.1", "on", "21.1, 22.1 (not there)",
			"https://www.cockroachlabs.com/docs/stable/online-schema-changes"),

	/**
	 * Writes that are held back until COMMIT, with the session variable {@code
	 * kv_transaction_buffered_writes_enabled}. What a savepoint is rolled back to may
	 * lose writes before it, until 25.4.4 and 26.1.1.
	 */
	BUFFERED_WRITES(false, "25.2", "off, on since 26.2", null,
			"https://www.cockroachlabs.com/docs/stable/architecture/transaction-layer"),

	/**
	 * An error of COMMIT other than 40001 is as certain at READ COMMITTED and REPEATABLE
	 * READ as at SERIALIZABLE. Before, a transaction may have been committed that was
	 * answered with, for instance, a duplicate key.
	 */
	CERTAIN_WEAK_COMMIT_ERRORS(true, "26.1", "on", null, "https://github.com/cockroachdb/cockroach/issues/152010"),

	/**
	 * Advisory locks that end with the transaction: {@code pg_advisory_xact_lock} and its
	 * variants.
	 */
	TRANSACTION_ADVISORY_LOCKS(true, "26.3", "on", "21.1, 22.1 (not there)",
			"https://www.cockroachlabs.com/docs/stable/functions-and-operators"),

	/**
	 * Advisory locks that end with the session: {@code pg_advisory_lock} and its
	 * variants.
	 */
	SESSION_ADVISORY_LOCKS(true, null, null, "21.1, 22.1 (locks nothing)",
			"https://github.com/cockroachdb/cockroach/issues/13546");

	private final boolean postgres;

	private final @Nullable String since;

	private final @Nullable String byDefault;

	private final @Nullable String seen;

	private final String source;

	ServerFeature(boolean postgres, @Nullable String since, @Nullable String byDefault, @Nullable String seen,
			String source) {
		this.postgres = postgres;
		this.since = since;
		this.byDefault = byDefault;
		this.seen = seen;
		this.source = source;
	}

	/**
	 * Return what a transaction isolation level needs. READ UNCOMMITTED is READ
	 * COMMITTED, to CockroachDB as to PostgreSQL.
	 * @param level one of the constants of {@link Connection}
	 * @return a feature, {@code null} for a level that every server has
	 */
	public static @Nullable ServerFeature forIsolationLevel(int level) {
		return switch (level) {
			case Connection.TRANSACTION_READ_UNCOMMITTED, Connection.TRANSACTION_READ_COMMITTED -> READ_COMMITTED;
			case Connection.TRANSACTION_REPEATABLE_READ -> REPEATABLE_READ;
			default -> null;
		};
	}

	/**
	 * Return the first release line of CockroachDB with this feature.
	 * @return a text such as {@code 22.1}, {@code null} if no known version has it
	 */
	public @Nullable String since() {
		return this.since;
	}

	/**
	 * Return whether it is on in the versions that have it.
	 * @return {@code on}, {@code off}, or from which version on it is on, {@code null} if
	 * no known version has it
	 */
	public @Nullable String byDefault() {
		return this.byDefault;
	}

	/**
	 * Return on which versions of CockroachDB it was looked at, and what was seen there
	 * if it is not that the version has it.
	 * @return a text such as {@code 21.1 (not there), 22.1}, {@code null} if it is known
	 * from its source only
	 */
	public @Nullable String seen() {
		return this.seen;
	}

	/**
	 * Return where it says so.
	 * @return the address of a page, an issue or a pull request
	 */
	public String source() {
		return this.source;
	}

	boolean isInPostgres() {
		return this.postgres;
	}

	/**
	 * Whether CockroachDB has it. A version that is unknown is taken for a current one.
	 */
	boolean isInCockroach(@Nullable CrdbVersion version) {
		if (this.since == null || version == null) {
			return this.since != null;
		}
		int dot = this.since.indexOf('.');
		return version.isAtLeast(Integer.parseInt(this.since, 0, dot, 10),
				Integer.parseInt(this.since, dot + 1, this.since.length(), 10));
	}

}
