package io.github.crdbspring.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Set;

import javax.sql.DataSource;

import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

import org.springframework.util.Assert;

/**
 * Turns a connection into a {@link GuardedConnection}: what ends a transaction goes
 * through its {@link OutcomeGuard}, the rest to the pool's connection. What a connection
 * hands out leads back to the guarded one.
 */
final class ConnectionGuard implements InvocationHandler {

	private static final Set<String> NOTHING_BEGINS = Set.of("commit", "rollback", "close");

	private static final Set<String> SENDS_NOTHING = Set.of("prepareStatement", "createStatement", "prepareCall",
			"createArrayOf", "isClosed", "getAutoCommit", "isReadOnly", "isWrapperFor", "getTargetConnection",
			"transactionEnd", "findTransactionFailure", "isLost", "accompany", "equals", "hashCode", "toString");

	private final Connection target;

	private final ServerRules rules;

	private final OutcomeGuard outcome;

	private final @Nullable StaleStatements staleStatements;

	/**
	 * The options of a transaction that are to be sent with its first statement.
	 */
	private @Nullable String options;

	private ConnectionGuard(Connection target, @Nullable BaseConnection driver, ServerRules rules,
			StaleStatements.@Nullable Found found, @Nullable FaultInjector injector, @Nullable DataSource source)
			throws SQLException {
		this.target = target;
		this.rules = rules;
		this.outcome = new OutcomeGuard(target, driver, rules.commitErrors(), rules.limits(), injector, source);
		this.staleStatements = (driver != null && found != null)
				? new StaleStatements(target, driver, found, rules.commitErrors().isCockroach()) : null;
	}

	static Connection guard(Connection target, ServerRules rules) throws SQLException {
		Class<?> driver = BaseConnection.class;
		return guard(target, target.isWrapperFor(driver) ? target.unwrap(driver) : null, rules, null, null, null);
	}

	/**
	 * Guard a connection.
	 * @param target the pool's connection
	 * @param driver the driver's, {@code null} if the pool does not lead to it
	 * @param found what is known of the physical connection's prepared statements,
	 * {@code null} if nobody can tell which one it is
	 * @param injector makes faults in tests, {@code null} for none
	 * @param source what has handed out the connection, {@code null} if that is unknown
	 */
	static Connection guard(Connection target, @Nullable Object driver, ServerRules rules,
			StaleStatements.@Nullable Found found, @Nullable FaultInjector injector, @Nullable DataSource source)
			throws SQLException {
		return ProxyCalls.newProxy(GuardedConnection.class, new ConnectionGuard(target,
				(driver instanceof BaseConnection connection) ? connection : null, rules, found, injector, source));
	}

	OutcomeGuard outcome() {
		return this.outcome;
	}

	Dialect dialect() {
		return this.rules.dialect();
	}

	/**
	 * Execute a statement of this connection.
	 */
	@Nullable Object execute(StatementText statement, Object target, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		sendOptions();
		return (this.staleStatements != null) ? this.staleStatements.execute(statement, target, method, args)
				: ProxyCalls.call(target, method, args);
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		try {
			return guard(proxy, method, args);
		}
		catch (SQLException ex) {
			throw dialect().explain(null, ex);
		}
	}

	/**
	 * Whether options wait for a first statement.
	 */
	boolean awaitsFirstStatement() {
		return this.options != null;
	}

	/**
	 * Whether options wait for a first statement, and can be sent with this one.
	 */
	boolean mayTakeOptions(StatementText statement) {
		return awaitsFirstStatement() && !statement.isSeveral() && !statement.endsTransaction();
	}

	/**
	 * Take the options, which are sent now.
	 */
	String takeOptions() {
		String options = this.options;
		Assert.state(options != null, "There are options");
		this.options = null;
		this.outcome.optionsSent(StatementText.of(options));
		return options;
	}

	/**
	 * Send options that wait, since something is executed that cannot be sent with them.
	 */
	private void sendOptions() throws SQLException {
		if (!awaitsFirstStatement()) {
			return;
		}
		StatementText text = StatementText.of(takeOptions());
		try (Statement statement = this.target.createStatement()) {
			statement.execute(text.sql());
		}
		catch (SQLException ex) {
			throw this.outcome.failed(text, ex, 0, null);
		}
		this.outcome.executed(text);
	}

	/**
	 * Whatever may execute something by itself comes after the options.
	 */
	private void sendOptionsBefore(String method) throws SQLException {
		if (NOTHING_BEGINS.contains(method)) {
			this.options = null;
		}
		else if (!SENDS_NOTHING.contains(method)) {
			sendOptions();
		}
	}

	private @Nullable Object guard(Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
		if (awaitsFirstStatement()) {
			sendOptionsBefore(method.getName());
		}
		switch (method.getName()) {
			case "sendWithFirstStatement" -> {
				if (!this.rules.pipelinesOptions()) {
					return false;
				}
				this.options = (String) argument(args);
				return true;
			}
			case "commit" -> {
				commit();
				return null;
			}
			case "rollback" -> {
				if (args == null) {
					this.outcome.rollback();
				}
				else {
					this.outcome.rollback((Savepoint) argument(args));
				}
				return null;
			}
			case "setAutoCommit" -> {
				if (Boolean.TRUE.equals(argument(args))) {
					this.outcome.switchAutoCommitOn();
					return null;
				}
			}
			case "setSavepoint" -> checkSavepoint((args != null) ? (String) args[0] : null);
			case "releaseSavepoint" -> {
				releaseSavepoint((Savepoint) argument(args));
				return null;
			}
			case "close" -> {
				this.outcome.close();
				return null;
			}
			case "transactionEnd" -> {
				return this.outcome.end();
			}
			case "findTransactionFailure" -> {
				return this.outcome.findTransactionFailure();
			}
			case "isLost" -> {
				return this.outcome.isLost();
			}
			case "accompany" -> {
				this.outcome.accompany((GuardedConnection.Companion) argument(args));
				return null;
			}
			case "getTargetConnection" -> {
				return this.target;
			}
			case "createStatement" -> {
				return statement(proxy, Statement.class, method, args);
			}
			case "prepareStatement" -> {
				return statement(proxy, PreparedStatement.class, method, args);
			}
			case "prepareCall" -> {
				return statement(proxy, CallableStatement.class, method, args);
			}
			case "getMetaData" -> {
				return ProxyCalls.newProxy(DatabaseMetaData.class,
						new StatementGuard(this, proxy, call(method, args), null));
			}
			case "setTransactionIsolation" -> {
				this.outcome.isolationSet((Integer) argument(args));
				dialect().isolationSet((Integer) argument(args));
			}
			case "createArrayOf" -> {
				Array array = dialect().createArray(this.target, args);
				return guard(proxy, (array != null) ? array : (Array) call(method, args));
			}
			default -> {
			}
		}
		return ProxyCalls.forward(proxy, this.target, method, args);
	}

	private void commit() throws SQLException {
		try {
			this.outcome.commit();
		}
		catch (SQLException ex) {
			if (this.staleStatements != null) {
				this.staleStatements.failed(ex);
			}
			throw ex;
		}
	}

	private static Object argument(@Nullable Object @Nullable [] args) {
		Assert.state(args != null && args[0] != null, "The method has an argument");
		return args[0];
	}

	private <T> T statement(Object connection, Class<T> type, Method method, @Nullable Object @Nullable [] args)
			throws Throwable {
		String sql = (args != null && args[0] instanceof String text) ? text : null;
		StatementText statement = (sql != null) ? check(sql) : null;
		PipelinedStatement pipelined = (awaitsFirstStatement() && sql != null && args != null && args.length == 1
				&& type == PreparedStatement.class) ? new PipelinedStatement(this.target, sql) : null;
		return ProxyCalls.newProxy(type,
				new StatementGuard(this, connection, call(method, args), statement, pipelined));
	}

	private Object call(Method method, @Nullable Object @Nullable [] args) throws Throwable {
		return ProxyCalls.require(ProxyCalls.call(this.target, method, args));
	}

	/**
	 * Guard a result set.
	 * @param statement the guarded statement that it belongs to, {@code null} if the
	 * driver made one for it
	 */
	ResultSet guard(Object connection, ResultSet resultSet, @Nullable Statement statement) {
		return GuardedResultSet.of(resultSet, (statement != null) ? () -> statement : () -> {
			Statement made = resultSet.getStatement();
			return (made != null)
					? ProxyCalls.newProxy(Statement.class, new StatementGuard(this, connection, made, null)) : null;
		}, (array) -> guard(connection, array));
	}

	Array guard(Object connection, Array array) {
		return GuardedArray.of(array, (resultSet) -> guard(connection, resultSet, null));
	}

	/**
	 * Check a statement before it is sent.
	 */
	StatementText check(String sql) throws SQLException {
		dialect().check(sql);
		StatementText statement = StatementText.of(sql);
		if (statement.mentionsRetrySavepoint()) {
			refuseRetrySavepoint();
		}
		return statement;
	}

	private void checkSavepoint(@Nullable String name) throws SQLException {
		ServerInfo serverInfo = this.rules.serverInfo();
		if (serverInfo != null && serverInfo.isCockroach() && !serverInfo.supports(ServerFeature.SAVEPOINTS)) {
			throw new SQLFeatureNotSupportedException(
					serverInfo.description() + " has no nested savepoints; they need CockroachDB "
							+ ServerFeature.SAVEPOINTS.since() + " or later",
					SqlState.FEATURE_NOT_SUPPORTED);
		}
		if (name != null && StatementText.isRetrySavepoint(name)) {
			refuseRetrySavepoint();
		}
		if (serverInfo != null) {
			BufferedWrites.tellIfSavepointsLoseThem(serverInfo);
		}
	}

	/**
	 * Releasing that savepoint is the commit, to CockroachDB. Whoever retries for
	 * themselves may use it, but not inside a transaction that is retried as a whole.
	 */
	private void refuseRetrySavepoint() throws SQLException {
		if (this.outcome.isAccompanied()) {
			throw new SQLFeatureNotSupportedException(
					"A savepoint named cockroach_restart is refused inside a transaction that is retried as a whole: "
							+ "releasing it would commit. Remove the savepoint, and leave the retries to the "
							+ "transaction around it",
					SqlState.FEATURE_NOT_SUPPORTED);
		}
	}

	private void releaseSavepoint(Savepoint savepoint) throws SQLException {
		String name = savepointName(savepoint);
		if (name != null && StatementText.isRetrySavepoint(name) && this.rules.commitErrors().isCockroach()) {
			this.outcome.commit(() -> this.target.releaseSavepoint(savepoint));
		}
		else {
			this.target.releaseSavepoint(savepoint);
		}
	}

	private static @Nullable String savepointName(Savepoint savepoint) {
		try {
			return savepoint.getSavepointName();
		}
		catch (SQLException ex) {
			// One without a name has none to tell
			return null;
		}
	}

}
