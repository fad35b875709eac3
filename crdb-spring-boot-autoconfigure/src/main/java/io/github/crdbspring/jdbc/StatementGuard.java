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

	/**
	 * Not {@code null} if it was prepared when options waited for a first statement.
	 */
	private final @Nullable PipelinedStatement pipelined;

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
		this(guard, connection, target, statement, null);
	}

	StatementGuard(ConnectionGuard guard, Object connection, Object target, @Nullable StatementText statement,
			@Nullable PipelinedStatement pipelined) {
		this.guard = guard;
		this.connection = connection;
		this.target = target;
		this.statement = statement;
		this.pipelined = pipelined;
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
			return guarded(proxy, ProxyCalls.forward(proxy, target(name, method, args), method, args));
		}
		catch (SQLException ex) {
			throw this.guard.dialect().explain((this.statement != null) ? this.statement.sql() : null, ex);
		}
	}

	/**
	 * Find what a method is to be called on: results are those of what was executed last.
	 */
	private Object target(String name, Method method, @Nullable Object @Nullable [] args) throws SQLException {
		PipelinedStatement pipelined = this.pipelined;
		if (pipelined == null) {
			return this.target;
		}
		if (name.startsWith("set") || name.equals("clearParameters")) {
			if (this.guard.awaitsFirstStatement()) {
				pipelined.set(method, args);
			}
			return this.target;
		}
		if (name.equals("close")) {
			pipelined.close();
		}
		Statement sent = pipelined.sent();
		return (sent != null && (name.startsWith("get") || name.equals("cancel"))) ? sent : this.target;
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
			result = send(executed, method, args);
			this.guard.outcome().injectInto(this.target, executed);
		}
		catch (SQLException ex) {
			SQLException failure = this.guard.outcome().failed(executed, ex, this.size.of(executed.sql()), idle);
			throw this.guard.dialect().explain(executed.sql(), failure);
		}
		catch (RuntimeException | Error ex) {
			this.guard.outcome().brokenOff(executed, ex);
			throw ex;
		}
		finally {
			this.size.sent();
		}
		if (!isEmptyBatch(result)) {
			this.guard.outcome().executed(executed);
		}
		return guarded(proxy, result);
	}

	/**
	 * Send the statement, together with options that wait for the first one if possible.
	 */
	private @Nullable Object send(StatementText executed, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		PipelinedStatement.Sender sender = (target, execute, values) -> this.guard.execute(executed, target, execute,
				values);
		if (this.guard.mayTakeOptions(executed) && PipelinedStatement.canExecute(method.getName())
				&& this.target instanceof Statement original) {
			if (args == null && this.pipelined != null && this.pipelined.isRepeatable()) {
				return this.pipelined.execute(original, this.guard.takeOptions(), method.getName(), sender);
			}
			if (args != null && args.length == 1 && args[0] instanceof String sql) {
				return PipelinedStatement.execute(original, sql, this.guard.takeOptions(), method.getName(), sender);
			}
		}
		if (this.pipelined != null) {
			this.pipelined.close();
		}
		return this.guard.execute(executed, this.target, method, args);
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
