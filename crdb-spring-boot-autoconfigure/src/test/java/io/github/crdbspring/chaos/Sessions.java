package io.github.crdbspring.chaos;

import java.util.List;
import java.util.Optional;
import java.util.Random;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The bank's sessions on the server.
 */
final class Sessions {

	private final JdbcTemplate jdbc;

	private final Sql sql;

	Sessions(JdbcTemplate jdbc, boolean cockroach) {
		this.jdbc = jdbc;
		this.sql = cockroach ? Sql.COCKROACH : Sql.POSTGRES;
	}

	List<Session> list() {
		return this.jdbc.query(this.sql.sessions, (row, number) -> new Session(row.getString(1), row.getInt(2)),
				BankApplication.NAME);
	}

	/**
	 * Return the statements that are running.
	 */
	List<Query> queries() {
		return this.jdbc.query(this.sql.queries, (row, number) -> new Query(row.getString(1), row.getString(2)),
				BankApplication.NAME);
	}

	static <T> Optional<T> any(List<T> all, Random random) {
		return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
	}

	void cancel(Session session) {
		// It may have ended by itself meanwhile, which is no error
		this.jdbc.execute(this.sql.cancelSession.formatted(session.id()));
	}

	void cancel(Query query) {
		this.jdbc.execute(this.sql.cancelQuery.formatted(query.id()));
	}

	/**
	 * A session.
	 *
	 * @param id what it is cancelled by
	 * @param port the client's port
	 */
	record Session(String id, int port) {

	}

	/**
	 * A statement that is running.
	 *
	 * @param id what it is cancelled by
	 * @param text the statement
	 */
	record Query(String id, String text) {

	}

	/**
	 * The statements of a server.
	 */
	private enum Sql {

		COCKROACH("""
				SELECT session_id, split_part(client_address, ':', 2) FROM [SHOW CLUSTER SESSIONS]
				WHERE application_name = ?""", "CANCEL SESSION IF EXISTS '%s'",
				"SELECT query_id, query FROM [SHOW CLUSTER QUERIES] WHERE application_name = ?",
				"CANCEL QUERY IF EXISTS '%s'"),

		POSTGRES("SELECT pid, client_port FROM pg_stat_activity WHERE application_name = ?",
				"SELECT pg_terminate_backend(%s)",
				"SELECT pid, query FROM pg_stat_activity WHERE application_name = ? AND state = 'active'",
				"SELECT pg_cancel_backend(%s)");

		private final String sessions;

		private final String cancelSession;

		private final String queries;

		private final String cancelQuery;

		Sql(String sessions, String cancelSession, String queries, String cancelQuery) {
			this.sessions = sessions;
			this.cancelSession = cancelSession;
			this.queries = queries;
			this.cancelQuery = cancelQuery;
		}

	}

}
