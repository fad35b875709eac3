package io.github.crdbspring.jdbc;

import java.sql.SQLException;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.crdbspring.error.FailureKind;
import io.github.crdbspring.error.SqlState;

/**
 * Keeps a connection in HikariCP's pool after SQLSTATE 0A000. The pool takes that state
 * for a sign of a broken connection, but CockroachDB answers with it whenever it lacks a
 * feature, for instance a second open portal.
 * <p>
 * It also answers with it when a prepared statement's table has changed, and goes on to
 * do so for as long as the statement exists. A guarded connection drops its statements
 * then, and stays; any other is left to the pool, which throws it away.
 *
 * @since 0.1.0
 */
public final class CrdbExceptionOverride implements SQLExceptionOverride {

	@java.lang.Override
	public Override adjudicate(SQLException exception) {
		boolean keep = SqlState.FEATURE_NOT_SUPPORTED.equals(exception.getSQLState())
				&& (FailureKind.of(exception) != FailureKind.STALE_STATEMENT || isGuarded());
		return keep ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
	}

	/**
	 * The pool tells nothing but the exception, but asks while the statement is being
	 * executed.
	 */
	private static boolean isGuarded() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.anyMatch((frame) -> frame.getClassName().equals(StaleStatements.class.getName())));
	}

}
