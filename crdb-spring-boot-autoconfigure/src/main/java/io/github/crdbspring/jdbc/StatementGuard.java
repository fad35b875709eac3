package io.github.crdbspring.jdbc;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Stands before what a guarded connection hands out: statements of every kind, and the
 * metadata. It leads back to the guarded connection, and tells the connection's
 * {@link OutcomeGuard} what each execution came to.
 */
final class StatementGuard implements InvocationHandler {

	private final ConnectionGuard guard;

	private final Object connection;

	private final Object target;

	private @Nullable StatementText statement;

	private final MessageSize size = new MessageSize();

	/**
	 * Whether statements were added to a batch that has not been executed.
	 */
	private boolean batch;

	private int maxRows;

	/**
	 * Create a new guard.
	 * @param guard the guard of the connection
	 * @param connection the guarded connection
	 * @param target what is guarded
	 * @param statement the statement, {@code null} if there is none yet
	 */
	StatementGuard(ConnectionGuard guard, Object connection, Object target, @Nullable StatementText statement) {
		this.guard = guard;
		this.connection = connection;
		this.target = target;
		this.statement = statement;
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		String name = method.getName();
		if (name.startsWith("execute")) {
			return execute(proxy, method, args);
		}
		this.size.add(name, args);
		switch (name) {
			case "getConnection" -> {
				return this.connection;
			}
			case "setArray" -> unwrapArray(args);
			case "setObject" -> {
				unwrapArray(args);
				if (args != null && this.guard.dialect().bind(proxy, args)) {
					return null;
				}
			}
			case "addBatch" -> {
				if (args != null && args[0] instanceof String sql) {
					addToBatch(this.guard.check(sql));
				}
			}
			case "clearBatch" -> {
				this.batch = false;
			}
			case "cancel" -> this.guard.dialect().checkCancel();
			case "setMaxRows" -> {
				if (args != null && args[0] instanceof Integer rows && this.target instanceof Statement limited
						&& this.guard.dialect().fetchNoMoreThan(limited, this.maxRows, rows)) {
					this.maxRows = rows;
				}
			}
			default -> {
			}
		}
		try {
			return guarded(proxy, ProxyCalls.forward(proxy, this.target, method, args));
		}
		catch (SQLException ex) {
			throw this.guard.dialect().explain((this.statement != null) ? this.statement.sql() : null, ex);
		}
	}

	/**
	 * Of a batch the last statement is known, or the one that ends the transaction: if
	 * the connection is lost, that is the one that matters.
	 */
	private void addToBatch(StatementText added) {
		if (this.statement == null || !this.batch || !this.statement.endsTransaction()) {
			this.statement = added;
		}
		this.batch = true;
	}

	/**
	 * The driver binds its own arrays in a shorter form.
	 */
	private static void unwrapArray(@Nullable Object @Nullable [] args) {
		if (args != null && args[1] instanceof GuardedArray array) {
			args[1] = array.getTargetArray();
		}
	}

	private @Nullable Object execute(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		if (args != null && args[0] instanceof String sql) {
			this.statement = this.guard.check(sql);
		}
		StatementText executed = (this.statement != null) ? this.statement : StatementText.UNKNOWN;
		if (method.getName().endsWith("Batch")) {
			executed = executed.inBatch();
			this.batch = false;
		}
		Duration idle = this.guard.outcome().idle();
		Object result;
		try {
			result = this.guard.execute(executed, this.target, method, args);
			this.guard.outcome().injectInto(this.target, executed);
		}
		catch (SQLException ex) {
			SQLException failure = this.guard.outcome().failed(executed, ex, this.size.of(executed.sql()), idle);
			throw this.guard.dialect().explain(executed.sql(), failure);
		}
		finally {
			this.size.sent();
		}
		if (!isEmptyBatch(result)) {
			this.guard.outcome().executed(executed, result);
		}
		return guarded(proxy, result);
	}

	/**
	 * Nothing is sent for a batch without statements.
	 */
	private static boolean isEmptyBatch(@Nullable Object result) {
		return result != null && result.getClass().isArray() && Array.getLength(result) == 0;
	}

	private @Nullable Object guarded(Object proxy, @Nullable Object result) {
		if (result instanceof ResultSet resultSet) {
			return this.guard.guard(this.connection, resultSet, (proxy instanceof Statement owner) ? owner : null);
		}
		return (result instanceof java.sql.Array array) ? this.guard.guard(this.connection, array) : result;
	}

}
