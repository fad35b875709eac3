package io.github.crdbspring.jdbc;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.error.SqlState;

/**
 * Refuses calls of PostgreSQL's advisory lock functions where the server does not lock
 * anything. It has to be before they are sent, since they succeed: whoever relies on them
 * would run without the lock.
 */
final class AdvisoryLocks {

	private static final String HINT = "_advisory_";

	// A function of that name in another schema than pg_catalog is somebody's own
	private static final Pattern CALL = Pattern.compile(
			"(?<![\\w$.\"])(?:\"?pg_catalog\"?\\s*+\\.\\s*+)?\"?"
					+ "(pg_(?:try_)?advisory_(xact_)?(?:un)?lock(?:_shared|_all)?)\"?\\s*+\\(",
			Pattern.CASE_INSENSITIVE);

	private AdvisoryLocks() {
	}

	static void refuse(ServerInfo serverInfo, String sql) throws SQLException {
		if (!SqlText.mentions(sql, HINT)) {
			return;
		}
		Matcher call = CALL.matcher(SqlText.withoutLiterals(sql));
		while (call.find()) {
			ServerFeature needed = (call.group(2) != null) ? ServerFeature.TRANSACTION_ADVISORY_LOCKS
					: ServerFeature.SESSION_ADVISORY_LOCKS;
			if (!serverInfo.supports(needed)) {
				throw new SQLFeatureNotSupportedException(message(call.group(1), needed, serverInfo),
						SqlState.FEATURE_NOT_SUPPORTED);
			}
		}
	}

	private static String message(String function, ServerFeature needed, ServerInfo serverInfo) {
		boolean session = needed == ServerFeature.SESSION_ADVISORY_LOCKS;
		return "The statement was not sent, since " + function + "() would lock nothing: CockroachDB "
				+ serverInfo.versionText() + " does not have advisory locks "
				+ (session ? "of sessions" : "of transactions, which need CockroachDB " + needed.since() + " or later")
				+ ". Lock a row of a table instead, with SELECT … FOR UPDATE. The driver's own connection, "
				+ "which unwrap(org.postgresql.jdbc.PgConnection.class) gives, sends it all the same";
	}

}
