package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;

import javax.sql.DataSource;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;

/**
 * Runs bodies on the connection of Spring's transaction, and translates exceptions, as
 * {@link JdbcTemplate} does for a single statement. Its callbacks for a connection would
 * put a proxy around that, which is no contender's business.
 */
final class SpringJdbc {

	private final JdbcTemplate jdbc;

	private final DataSource dataSource;

	SpringJdbc(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
		this.dataSource = Objects.requireNonNull(jdbc.getDataSource());
	}

	void run(TransactionBody body) {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			body.run(connection, false);
		}
		catch (SQLException ex) {
			throw translate(ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
	}

	private DataAccessException translate(SQLException failure) {
		DataAccessException translated = this.jdbc.getExceptionTranslator().translate("transaction", null, failure);
		return (translated != null) ? translated : new UncategorizedSQLException("transaction", null, failure);
	}

}
