package io.github.crdbspring.stack;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.PreparedStatement;

import javax.sql.DataSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;

/**
 * Has Spring Batch read all rows where it asks for one.
 */
class UnlimitedJdbcTemplate extends JdbcTemplate {

	UnlimitedJdbcTemplate(DataSource dataSource) {
		super(dataSource);
	}

	@Override
	public <T> T execute(String sql, PreparedStatementCallback<T> action) {
		PreparedStatementCallback<T> unlimitedAction = (statement) -> action
			.doInPreparedStatement(unlimited(statement));
		return super.execute(sql, unlimitedAction);
	}

	private static PreparedStatement unlimited(PreparedStatement statement) {
		return (PreparedStatement) Proxy.newProxyInstance(PreparedStatement.class.getClassLoader(),
				new Class<?>[] { PreparedStatement.class }, (proxy, method, args) -> {
					if (method.getName().equals("setMaxRows")) {
						return null;
					}
					try {
						return method.invoke(statement, args);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

}
