package io.github.crdbspring.jdbc;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * What PostgreSQL has and CockroachDB answers with an error that does not say so, such as
 * a syntax error at LISTEN: recognises that error, and says what to use instead. Looks at
 * failures only.
 */
enum MissingFeature {

	LISTEN(Set.of("42601", SqlState.FEATURE_NOT_SUPPORTED), statement("(?:UN)?LISTEN\\b|NOTIFY\\b"), null,
			"CockroachDB has no LISTEN and NOTIFY. Use a changefeed (CREATE CHANGEFEED FOR …), or poll a table"),

	PG_NOTIFY(Set.of("42883"), null, "pg_notify", LISTEN.advice),

	TWO_PHASE_COMMIT(Set.of("42601", SqlState.FEATURE_NOT_SUPPORTED),
			statement("PREPARE\\s++TRANSACTION\\b|(?:COMMIT|ROLLBACK)\\s++PREPARED\\b"), null,
			"CockroachDB does not support two-phase commit, which XA transactions need. Use one transaction for each resource, "
					+ "and an outbox table where one must follow from the other"),

	LOCK_TABLE(Set.of("42601", SqlState.FEATURE_NOT_SUPPORTED), statement("LOCK\\s++[\\w\"]"), null,
			"CockroachDB has no LOCK TABLE. Transactions are isolated without it; lock rows with SELECT … FOR UPDATE"),

	/**
	 * Only where {@code enforce_home_region} is on. SQLSTATEs of CockroachDB's own, which
	 * no page names.
	 */
	HOME_REGION(Set.of(), null, "Query has no home region",
			"The rows of this query are not known to be in one region, and the session variable enforce_home_region lets "
					+ "only such queries pass. Say in its conditions which region the rows are in (crdb_region), look "
					+ "them up by their whole key with a LIMIT, or switch the variable off"),

	OTHER_HOME_REGION(Set.of(), null, "Query is not running in its home region",
			"The rows of this query are in another region than the node that the pool is connected to, and the session "
					+ "variable enforce_home_region does not let it pass. Send it from an instance in that region, or "
					+ "switch the variable off"),

	MULTIPLE_ACTIVE_PORTALS(Set.of(SqlState.FEATURE_NOT_SUPPORTED), null, "multiple active portals",
			"CockroachDB allows nothing else on a connection while a result set that is read with a fetch size or a "
					+ "maximum number of rows is open; on CockroachDB 21.1 and a 22.1 development build not even COMMIT "
					+ "was. Read it to its end or close it first, use another connection, or set neither");

	private final Set<String> sqlStates;

	private final @Nullable Pattern statement;

	private final @Nullable String messagePart;

	private final String advice;

	MissingFeature(Set<String> sqlStates, @Nullable Pattern statement, @Nullable String messagePart, String advice) {
		this.sqlStates = sqlStates;
		this.statement = statement;
		this.messagePart = messagePart;
		this.advice = advice;
	}

	/**
	 * Make a pattern for a statement's beginning. The driver begins the message of a
	 * batch's failure with the statement.
	 */
	private static Pattern statement(String beginning) {
		return Pattern.compile("(?:^|;|^Batch entry \\d{1,9} )\\s*+(?:" + beginning + ")", Pattern.CASE_INSENSITIVE);
	}

	/**
	 * Explain an error of CockroachDB's.
	 * @param sql the statement, as far as it is known
	 * @param failure the error
	 * @return an exception of the same SQLSTATE with that error as its cause, or the
	 * error itself if there is nothing to explain
	 */
	static SQLException explain(@Nullable String sql, SQLException failure) {
		String sqlState = failure.getSQLState();
		if (sqlState != null && isFromServer(failure)) {
			for (MissingFeature feature : values()) {
				if ((feature.sqlStates.isEmpty() || feature.sqlStates.contains(sqlState))
						&& feature.isMissedBy(sql, failure)) {
					return feature.explain(failure);
				}
			}
		}
		return failure;
	}

	/**
	 * What is not from the server is the driver's own, or has been explained already.
	 */
	static boolean isFromServer(SQLException failure) {
		Throwable error = (failure instanceof BatchUpdateException batch) ? batch.getNextException() : failure;
		return error instanceof PSQLException driverException && driverException.getServerErrorMessage() != null;
	}

	private boolean isMissedBy(@Nullable String sql, SQLException failure) {
		String message = (failure.getMessage() != null) ? failure.getMessage() : "";
		if (this.messagePart != null) {
			return message.contains(this.messagePart);
		}
		String text = (failure instanceof BatchUpdateException || sql == null) ? message : sql;
		return this.statement != null && this.statement.matcher(SqlText.withoutLiterals(text)).find();
	}

	private SQLException explain(SQLException failure) {
		return explain(this.advice, failure, (message) -> new SQLFeatureNotSupportedException(message,
				failure.getSQLState(), failure.getErrorCode(), failure));
	}

	/**
	 * Put an advice before the message of an error.
	 * @param exception makes the exception with a message, unless it is a batch that
	 * failed
	 */
	static SQLException explain(String advice, SQLException failure, Function<String, SQLException> exception) {
		String message = advice + ". " + failure.getMessage();
		if (failure instanceof BatchUpdateException batch) {
			BatchUpdateException explained = new BatchUpdateException(message, batch.getSQLState(),
					batch.getErrorCode(), batch.getUpdateCounts(), batch);
			explained.setNextException(batch.getNextException());
			return explained;
		}
		return exception.apply(message);
	}

}
