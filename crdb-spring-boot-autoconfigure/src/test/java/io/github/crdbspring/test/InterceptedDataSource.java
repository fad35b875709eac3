package io.github.crdbspring.test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Lets a test step between a pool and who uses it, for what a database and its driver do
 * not do on demand. It sees the calls of connections and of their statements.
 */
public final class InterceptedDataSource extends DelegatingDataSource {

	private final Interceptor interceptor;

	public InterceptedDataSource(DataSource pool, Interceptor interceptor) {
		super(pool);
		this.interceptor = interceptor;
	}

	@Override
	public Connection getConnection() throws SQLException {
		return intercepted(Connection.class, super.getConnection());
	}

	private <T> T intercepted(Class<T> type, Object target) {
		return type.cast(
				Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type }, (proxy, method, args) -> {
					Object result = this.interceptor.intercept(new Call(target, method, args));
					return (type == Connection.class && Statement.class.isAssignableFrom(method.getReturnType()))
							? intercepted(method.getReturnType(), result) : result;
				}));
	}

	/**
	 * What a test does in place of a call.
	 */
	@FunctionalInterface
	public interface Interceptor {

		Object intercept(Call call) throws Throwable;

	}

	/**
	 * A call of a connection or a statement.
	 *
	 * @param target what is called
	 * @param method how it is called
	 * @param args the arguments, {@code null} if there are none
	 */
	public record Call(Object target, Method method, Object[] args) {

		/**
		 * Whether the method has this name.
		 * @param name a name
		 * @return {@code true} if it has
		 */
		public boolean is(String name) {
			return this.method.getName().equals(name);
		}

		/**
		 * Whether the call sends or prepares a statement that starts like this.
		 * @param start the start of a SQL text
		 * @return {@code true} if it does
		 */
		public boolean isSql(String start) {
			return this.args != null && this.args.length > 0 && this.args[0] instanceof String sql
					&& sql.startsWith(start);
		}

		/**
		 * Return the same call with another SQL text.
		 * @param sql the text
		 * @return the call
		 */
		public Call withSql(String sql) {
			Object[] changed = this.args.clone();
			changed[0] = sql;
			return new Call(this.target, this.method, changed);
		}

		/**
		 * Do what was asked for.
		 * @return the result
		 * @throws Throwable if it fails
		 */
		public Object proceed() throws Throwable {
			try {
				return this.method.invoke(this.target, this.args);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

	}

}
