package io.github.crdbspring.jdbc;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Calendar;
import java.util.HashSet;
import java.util.Set;
import java.util.TimeZone;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The current row of a list of sessions or queries, whose columns are not the same in all
 * versions: they are looked up by name, and what is missing is {@code null}.
 */
final class SessionRow {

	private final ResultSet resultSet;

	private final Set<String> columns = new HashSet<>();

	SessionRow(ResultSet resultSet) throws SQLException {
		this.resultSet = resultSet;
		ResultSetMetaData metaData = resultSet.getMetaData();
		for (int i = 1; i <= metaData.getColumnCount(); i++) {
			this.columns.add(metaData.getColumnLabel(i));
		}
	}

	CrdbSessions.Session session() throws SQLException {
		Instant queryStart = instant(
				this.columns.contains("active_query_start") ? "active_query_start" : "oldest_query_start");
		return new CrdbSessions.Session(id("session_id"), this.resultSet.getLong("node_id"), text("user_name"),
				text("client_address"), text("application_name"), text("status"), text("active_queries"),
				text("last_active_query"), instant("session_start"), queryStart);
	}

	CrdbSessions.Query query() throws SQLException {
		return new CrdbSessions.Query(id("query_id"), this.resultSet.getLong("node_id"), text("session_id"),
				text("user_name"), text("client_address"), text("application_name"), instant("start"), text("query"),
				text("phase"));
	}

	private String id(String column) throws SQLException {
		String id = this.resultSet.getString(column);
		Assert.state(id != null, () -> "The server lists a row without " + column);
		return id;
	}

	private @Nullable String text(String column) throws SQLException {
		return this.columns.contains(column) ? this.resultSet.getString(column) : null;
	}

	/**
	 * In older versions the columns have no time zone, and mean UTC.
	 */
	private @Nullable Instant instant(String column) throws SQLException {
		if (!this.columns.contains(column)) {
			return null;
		}
		Timestamp timestamp = this.resultSet.getTimestamp(column, Calendar.getInstance(TimeZone.getTimeZone("UTC")));
		return (timestamp != null) ? timestamp.toInstant() : null;
	}

}
