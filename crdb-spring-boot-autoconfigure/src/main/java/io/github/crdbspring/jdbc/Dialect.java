package io.github.crdbspring.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Set;

import io.github.crdbspring.error.SqlState;
import io.github.crdbspring.type.SqlArray;
import org.jspecify.annotations.Nullable;

/**
 * What makes CockroachDB pleasant to use beyond the outcome of transactions: parameters
 * and arrays that the driver does not know, a clear error where the server lacks a
 * feature, a refusal where it would silently do nothing. Nothing that a transaction's
 * outcome depends on, so that it can be switched off.
 */
final class Dialect {

	/**
	 * How Spring Data names the types of elements that have no name of their own for it.
	 * The driver does not know them.
	 */
	private static final Set<String> NO_TYPES = Set.of("UNKNOWN", "TIMESTAMP_WITH_TIMEZONE", "TIME_WITH_TIMEZONE");

	private static final String WRITE_ON_READ_ONLY_POOL = "This connection only reads: it is of the pool for read-only "
			+ "transactions (crdb.read-only), or its session variable default_transaction_read_only is on. Begin the "
			+ "outermost transaction without readOnly = true";

	private final boolean enabled;

	private final @Nullable ServerInfo cockroach;

	private final boolean readOnly;

	/**
	 * Create a new instance.
	 * @param serverInfo the server, {@code null} if it is unknown
	 * @param enabled whether it does anything
	 * @param readOnly whether the sessions of the pool can only read
	 */
	Dialect(@Nullable ServerInfo serverInfo, boolean enabled, boolean readOnly) {
		this.enabled = enabled;
		this.readOnly = readOnly;
		this.cockroach = (enabled && serverInfo != null && serverInfo.isCockroach()) ? serverInfo : null;
	}

	/**
	 * Check a statement's text before it is sent.
	 */
	void check(String sql) throws SQLException {
		if (this.cockroach != null) {
			AdvisoryLocks.refuse(this.cockroach, sql);
		}
	}

	void isolationSet(int level) {
		if (this.cockroach != null) {
			IsolationLevels.tellIfUpgraded(this.cockroach, level);
		}
	}

	/**
	 * Make an array, if the driver would refuse it.
	 * @param args the arguments of {@code createArrayOf}
	 * @return the array, {@code null} if it is the driver's to make
	 */
	@Nullable Array createArray(Connection target, @Nullable Object @Nullable [] args) throws SQLException {
		if (this.cockroach != null) {
			ArrayLimits.checkNewArray(args);
		}
		return (this.enabled && args != null && args[0] instanceof String type && NO_TYPES.contains(type)
				&& args[1] instanceof Object[] elements) ? SqlArray.of(elements).create(target) : null;
	}

	/**
	 * Bind a parameter, if the driver would refuse it.
	 * @param statement the guarded statement
	 * @param args the arguments of {@code setObject}
	 * @return {@code false} if it is the driver's to bind
	 */
	boolean bind(Object statement, @Nullable Object[] args) throws SQLException {
		if (this.cockroach != null) {
			ArrayLimits.checkValue(args[1]);
		}
		return this.enabled && ParameterTypes.bind(statement, args);
	}

	/**
	 * Refuse to cancel a statement where the driver's request is taken, and nothing
	 * happens.
	 */
	void checkCancel() throws SQLException {
		if (this.cockroach != null && !this.cockroach.supports(ServerFeature.QUERY_CANCEL)) {
			throw new SQLFeatureNotSupportedException(
					"CockroachDB " + this.cockroach.versionText()
							+ " does not act on the driver's request to cancel a statement, which needs CockroachDB "
							+ ServerFeature.QUERY_CANCEL.since()
							+ " or later. Cancel it over another connection, with CrdbSessions.cancelQuery",
					SqlState.FEATURE_NOT_SUPPORTED);
		}
	}

	/**
	 * Have a query with a maximum number of rows end with its result set. The driver
	 * closes on the server what it reads with a fetch size; otherwise the query would
	 * stay open there, and the server would do nothing else until the end of the
	 * transaction.
	 * @param previous the maximum that was set before
	 * @param maximum the new maximum
	 * @return whether the fetch size follows the maximum
	 */
	boolean fetchNoMoreThan(Statement statement, int previous, int maximum) throws SQLException {
		if (this.cockroach == null || maximum < 0 || statement.getFetchSize() != previous) {
			return false;
		}
		statement.setFetchSize(maximum);
		return true;
	}

	/**
	 * Explain an error of the server's.
	 * @param sql the statement, as far as it is known
	 */
	SQLException explain(@Nullable String sql, SQLException failure) {
		if (this.enabled && this.readOnly && SqlState.READ_ONLY_TRANSACTION.equals(failure.getSQLState())
				&& MissingFeature.isFromServer(failure)) {
			return MissingFeature.explain(WRITE_ON_READ_ONLY_POOL, failure,
					(message) -> new SQLException(message, failure.getSQLState(), failure.getErrorCode(), failure));
		}
		return (this.cockroach != null) ? MissingFeature.explain(sql, failure) : failure;
	}

}
