package io.github.crdbspring.benchmark;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;

import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A pool of one connection, which presents itself as the PostgreSQL driver's, and does
 * nothing but remember its auto-commit mode.
 */
final class StubDataSource extends AbstractDataSource {

	private final Connection connection = (Connection) Proxy.newProxyInstance(StubDataSource.class.getClassLoader(),
			new Class<?>[] { BaseConnection.class }, new StubConnection());

	@Override
	public Connection getConnection() {
		return this.connection;
	}

	@Override
	public Connection getConnection(String username, String password) {
		return this.connection;
	}

	/**
	 * Answers with constants.
	 */
	private static final class StubConnection implements InvocationHandler {

		private final PreparedStatement statement = (PreparedStatement) Proxy.newProxyInstance(
				StubDataSource.class.getClassLoader(), new Class<?>[] { PreparedStatement.class },
				(proxy, method, args) -> (method.getReturnType() == boolean.class) ? true : null);

		private boolean autoCommit = true;

		@Override
		public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args) {
			switch (method.getName()) {
				case "getAutoCommit" -> {
					return this.autoCommit;
				}
				case "setAutoCommit" -> {
					this.autoCommit = args != null && Boolean.TRUE.equals(args[0]);
					return null;
				}
				case "commit", "close" -> {
					return null;
				}
				case "isClosed", "isReadOnly" -> {
					return false;
				}
				case "prepareStatement" -> {
					return this.statement;
				}
				case "hashCode" -> {
					return System.identityHashCode(proxy);
				}
				case "equals" -> {
					return args != null && proxy == args[0];
				}
				case "isWrapperFor" -> {
					return true;
				}
				case "unwrap" -> {
					return proxy;
				}
				case "getTransactionState" -> {
					return TransactionState.OPEN;
				}
				case "getParameterStatus" -> {
					return "CockroachDB CCL v26.2.1";
				}
				default -> throw new UnsupportedOperationException(method.toString());
			}
		}

	}

}
