package io.github.crdbspring.jdbc;

import java.sql.Connection;

import org.jspecify.annotations.Nullable;

/**
 * What servers differ in: CockroachDB by version, and from PostgreSQL. This is the one
 * table of that; the pages named are those of CockroachDB's documentation.
 *
 * @since 0.1.0
 * @see ServerInfo#supports(ServerFeature)
 */
public enum ServerFeature {

	/**
	 * Savepoints of any name, which can be nested. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/savepoint">{@code savepoint}</a>.
	 */
	SAVEPOINTS(true, "20.1"),

	/**
	 * {@code SET LOCAL}, a session variable for one transaction. Page
	 * <a href= "https://www.cockroachlabs.com/docs/stable/set-vars">{@code set-vars}</a>.
	 */
	SET_LOCAL(true, "21.2"),

	/**
	 * Bounded staleness: {@code with_max_staleness()} and {@code with_min_timestamp()} in
	 * a single statement. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/follower-reads">{@code follower-reads}</a>.
	 */
	BOUNDED_STALENESS(false, "21.2"),

	/**
	 * Acting on the driver's request to cancel a statement, on which JDBC's query timeout
	 * depends. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/cancel-query">{@code cancel-query}</a>.
	 */
	QUERY_CANCEL(true, "22.1"),

	/**
	 * {@code DECLARE … CURSOR} and {@code FETCH}. Page
	 * <a href= "https://www.cockroachlabs.com/docs/stable/cursors">{@code cursors}</a>.
	 */
	SQL_CURSORS(true, "22.1"),

	/**
	 * All digits of a {@code FLOAT} without being asked for them with
	 * {@code extra_float_digits}. Release notes
	 * <a href= "https://www.cockroachlabs.com/docs/releases/v22.2">{@code v22.2}</a>.
	 */
	ALL_FLOAT_DIGITS(true, "22.2"),

	/**
	 * {@code FOR UPDATE SKIP LOCKED}. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/select-for-update">{@code select-for-update}</a>.
	 */
	SKIP_LOCKED(true, "22.2"),

	/**
	 * A changefeed without a sink, whose rows are read like those of a query. 20.2 and
	 * before were not looked at. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/create-changefeed">{@code create-changefeed}</a>.
	 */
	CHANGEFEED(false, "21.1"),

	/**
	 * The option {@code min_checkpoint_frequency} of changefeeds, without which resolved
	 * timestamps come no more often than every 30 seconds where it exists. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/create-changefeed">{@code create-changefeed}</a>.
	 */
	CHANGEFEED_CHECKPOINT_FREQUENCY(false, "22.1"),

	/**
	 * Schema changes on a table while a changefeed is open on it. Before, they wait until
	 * it ends. Pull request
	 * <a href= "https://github.com/cockroachdb/cockroach/pull/78360">cockroach 78360</a>;
	 * read, not seen.
	 */
	CHANGEFEED_SCHEMA_CHANGES(false, "22.1"),

	/**
	 * {@code SELECT} on the table as the only privilege that a changefeed needs. Before,
	 * {@code CONTROLCHANGEFEED} is needed, too. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/changefeed-for">{@code changefeed-for}</a>;
	 * read, not seen.
	 */
	CHANGEFEED_SELECT_PRIVILEGE(false, "22.2"),

	/**
	 * A query as the source of a changefeed: {@code CREATE CHANGEFEED … AS SELECT}. Page
	 * <a href=
	 * "https://www.cockroachlabs.com/docs/stable/cdc-queries">{@code cdc-queries}</a>;
	 * read, not seen.
	 */
	CHANGEFEED_QUERY(false, "22.2"),

	/**
	 * {@code READ COMMITTED} transactions: a cluster setting, on by default since 24.1.
	 * Without it they run as {@code SERIALIZABLE}. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/read-committed">{@code read-committed}</a>.
	 */
	READ_COMMITTED(true, "23.2"),

	/**
	 * Shared locks of {@code FOR SHARE}, which does nothing before. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/select-for-update">{@code select-for-update}</a>.
	 */
	SHARED_LOCKS(true, "23.2"),

	/**
	 * {@code REPEATABLE READ} transactions: a preview behind a cluster setting, off by
	 * default. Without it they run as {@code SERIALIZABLE}. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/set-transaction">{@code set-transaction}</a>.
	 */
	REPEATABLE_READ(true, "24.3"),

	/**
	 * A schema change commits the transaction that it is in, unless the session variable
	 * {@code autocommit_before_ddl} is off. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/online-schema-changes">{@code online-schema-changes}</a>.
	 */
	AUTOCOMMIT_BEFORE_DDL(false, "25.1"),

	/**
	 * The {@code system} and most {@code crdb_internal} tables and functions are refused,
	 * unless the session variable {@code allow_unsafe_internals} is on. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/crdb-internal">{@code crdb-internal}</a>.
	 */
	INTERNALS_RESTRICTED(false, "26.1"),

	/**
	 * An error of COMMIT other than 40001 is as certain at READ COMMITTED and REPEATABLE
	 * READ as at SERIALIZABLE. Before, a transaction may have been committed that was
	 * answered with, for instance, a duplicate key. Issue
	 * <a href= "https://github.com/cockroachdb/cockroach/issues/152010">cockroach
	 * 152010</a>.
	 */
	CERTAIN_WEAK_COMMIT_ERRORS(true, "26.1"),

	/**
	 * Advisory locks that end with the transaction: {@code pg_advisory_xact_lock} and its
	 * variants. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/functions-and-operators">{@code functions-and-operators}</a>.
	 */
	TRANSACTION_ADVISORY_LOCKS(true, "26.3"),

	/**
	 * Advisory locks that end with the session: {@code pg_advisory_lock} and its
	 * variants. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/postgresql-compatibility">{@code postgresql-compatibility}</a>.
	 */
	SESSION_ADVISORY_LOCKS(true, null),

	/**
	 * {@code LISTEN} and {@code NOTIFY}. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/postgresql-compatibility">{@code postgresql-compatibility}</a>.
	 */
	LISTEN_NOTIFY(true, null),

	/**
	 * Two-phase commit: {@code PREPARE TRANSACTION} and XA. Versions from 25.1 on have
	 * the statements, but do not support them, and from 26.2 on refuse them by default.
	 * Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/postgresql-compatibility">{@code postgresql-compatibility}</a>.
	 */
	TWO_PHASE_COMMIT(true, null),

	/**
	 * {@code LOCK TABLE}. Page <a href=
	 * "https://www.cockroachlabs.com/docs/stable/select-for-update">{@code select-for-update}</a>.
	 */
	LOCK_TABLE(true, null),

	/**
	 * Other statements on a connection while a result set with a fetch size is open. Page
	 * <a href=
	 * "https://www.cockroachlabs.com/docs/stable/known-limitations">{@code known-limitations}</a>.
	 */
	MULTIPLE_ACTIVE_PORTALS(true, null);

	private final boolean postgres;

	private final @Nullable String since;

	ServerFeature(boolean postgres, @Nullable String since) {
		this.postgres = postgres;
		this.since = since;
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
