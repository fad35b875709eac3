package io.github.crdbspring.matrix;

import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A session by plain JDBC.
 */
final class JdbcSession implements Session {

	private final JdbcClient jdbc;

	JdbcSession(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
	}

	@Override
	public void read() {
		this.jdbc.sql("SELECT balance FROM account WHERE id = 1").query(Integer.class).single();
	}

	@Override
	public void store(StoredCall call) {
		this.jdbc.sql(StoredCall.INSERT + " (id, token) values (?, ?)")
			.param(call.getId())
			.param(call.getToken())
			.update();
	}

	@Override
	public void execute(String sql) {
		this.jdbc.sql(sql).update();
	}

	@Override
	public void sleep(double seconds) {
		this.jdbc.sql("SELECT CAST(pg_sleep(" + seconds + ") AS VARCHAR)").query(String.class).single();
	}

}
