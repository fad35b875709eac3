package io.github.crdbspring.jdbc;

import java.sql.SQLException;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.crdbspring.error.SqlState;

/**
 * Keeps a connection in HikariCP's pool after SQLSTATE 0A000. The pool takes that state
 * for a sign of a broken connection, but CockroachDB answers with it whenever it lacks a
 * feature, for instance a second open portal, and when a prepared statement has to be
 * planned anew.
 *
 * @since 0.1.0
 */
public final class CrdbExceptionOverride implements SQLExceptionOverride {

	@java.lang.Override
	public Override adjudicate(SQLException exception) {
		return SqlState.FEATURE_NOT_SUPPORTED.equals(exception.getSQLState()) ? Override.DO_NOT_EVICT
				: Override.CONTINUE_EVICT;
	}

}
