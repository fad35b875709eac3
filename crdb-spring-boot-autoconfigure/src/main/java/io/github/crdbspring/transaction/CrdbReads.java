package io.github.crdbspring.transaction;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

import javax.sql.DataSource;

import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.Assert;

/**
 * Single queries as of a time in the past, each without a transaction around it: one
 * round trip, where a transaction takes three.
 *
 * <pre class="code">
 * reads.withMaxStaleness(Duration.ofSeconds(10), "SELECT * FROM account WHERE id = ?")
 *     .param(id)
 *     .query(Account.class)
 *     .optional();
 * </pre>
 *
 * The query is text of the application's, with a FROM clause and without
 * {@code AS OF SYSTEM TIME}, which is added behind that clause. Queries that lock rows or
 * are combined by {@code UNION} and the like are refused with an
 * {@code IllegalArgumentException}.
 * <p>
 * Nothing is retried: the server retries a single statement by itself. Inside a
 * transaction on the same DataSource a query is refused with an
 * {@code IllegalTransactionStateException}, since it would not belong to it; give the
 * transaction a {@code systemTime} instead. If read-only transactions have a pool of
 * their own, queries go there. Thread-safe.
 *
 * @since 0.1.0
 * @see <a href= "https://www.cockroachlabs.com/docs/stable/follower-reads">CockroachDB:
 * Follower Reads</a>
 */
public final class CrdbReads {

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	/**
	 * Create a new instance.
	 * @param dataSource hands out guarded connections
	 */
	public CrdbReads(DataSource dataSource) {
		this(dataSource, JdbcClient::create);
	}

	/**
	 * Create a new instance.
	 * @param dataSource hands out guarded connections
	 * @param clients makes the client for a DataSource, such as one that knows more types
	 */
	public CrdbReads(DataSource dataSource, Function<DataSource, JdbcClient> clients) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		this.dataSource = dataSource;
		this.jdbc = clients.apply(new SingleStatements(dataSource));
	}

	/**
	 * Query as of a system time.
	 * @param systemTime the time, or {@link SystemTime#followerRead()}
	 * @param sql the query
	 * @return what takes parameters and runs it
	 * @throws UnsupportedTransactionOptionException if the server is not CockroachDB
	 */
	public JdbcClient.StatementSpec asOf(SystemTime systemTime, String sql) {
		Assert.notNull(systemTime, "'systemTime' must not be null");
		requireCockroach("AS OF SYSTEM TIME");
		return this.jdbc.sql(SystemTimeClause.insert(sql, systemTime.toSql()));
	}

	/**
	 * Query with bounded staleness: the newest data that the nearest replica has, at most
	 * as old as given. The server takes it for queries of a single row by its key. Needs
	 * CockroachDB 21.2.
	 * @param maxStaleness how old the data may be, at least a microsecond
	 * @param sql the query
	 * @return what takes parameters and runs it
	 * @throws UnsupportedTransactionOptionException if the server does not have it
	 */
	public JdbcClient.StatementSpec withMaxStaleness(Duration maxStaleness, String sql) {
		// An age that the server takes for a system time, but without its sign
		String age = SystemTime.ago(maxStaleness).toSql().replace("-", "");
		requireBoundedStaleness();
		return this.jdbc.sql(SystemTimeClause.insert(sql, "with_max_staleness(" + age + ")"));
	}

	/**
	 * Query with bounded staleness: the newest data that the nearest replica has, not
	 * older than a point in time, such as that of one's own last write. As
	 * {@link #withMaxStaleness} otherwise.
	 * @param minTimestamp the point in time, not in the future
	 * @param sql the query
	 * @return what takes parameters and runs it
	 * @throws UnsupportedTransactionOptionException if the server does not have it
	 */
	public JdbcClient.StatementSpec withMinTimestamp(Instant minTimestamp, String sql) {
		String time = SystemTime.at(minTimestamp).toSql();
		requireBoundedStaleness();
		return this.jdbc.sql(SystemTimeClause.insert(sql, "with_min_timestamp(" + time + ")"));
	}

	private void requireBoundedStaleness() {
		ServerInfo server = requireCockroach("Bounded staleness");
		if (!server.supports(ServerFeature.BOUNDED_STALENESS)) {
			throw new UnsupportedTransactionOptionException(
					"Bounded staleness needs CockroachDB " + ServerFeature.BOUNDED_STALENESS.since() + ", but this is "
							+ server.description() + ": use asOf(SystemTime.followerRead(), …)");
		}
	}

	private ServerInfo requireCockroach(String what) {
		ServerInfo server = serverInfo();
		if (!server.isCockroach()) {
			throw new UnsupportedTransactionOptionException(
					what + " needs CockroachDB, but this is " + server.description());
		}
		return server;
	}

	private ServerInfo serverInfo() {
		try {
			return this.dataSource.unwrap(CrdbDataSource.class).getServerInfo();
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("Failed to find out what the server is", ex);
		}
	}

	/**
	 * Hands out connections on which each statement is a transaction of its own.
	 */
	private static final class SingleStatements extends DelegatingDataSource {

		SingleStatements(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			refuseInsideTransaction(obtainTargetDataSource());
			Connection connection = super.getConnection();
			try {
				// Said first, since it decides which pool the connection is from
				connection.setReadOnly(true);
				boolean autoCommit = connection.getAutoCommit();
				if (!autoCommit) {
					connection.setAutoCommit(true);
				}
				return reset(connection, autoCommit);
			}
			catch (SQLException | RuntimeException ex) {
				try (connection) {
					throw ex;
				}
			}
		}

		private static void refuseInsideTransaction(DataSource dataSource) {
			if (TransactionSynchronizationManager.isActualTransactionActive()
					&& TransactionSynchronizationManager.hasResource(dataSource)) {
				throw new IllegalTransactionStateException(
						"A query of CrdbReads cannot run inside a transaction, since it would not belong to it: "
								+ "give the transaction a systemTime, or query outside of it");
			}
		}

		/**
		 * Not every pool does so when it gets a connection back.
		 */
		private static Connection reset(Connection connection, boolean autoCommit) {
			return (Connection) Proxy.newProxyInstance(CrdbReads.class.getClassLoader(),
					new Class<?>[] { Connection.class }, (proxy, method, args) -> {
						if ("close".equals(method.getName())) {
							// Closed in any case, even if the connection was lost
							try (connection) {
								if (!connection.isClosed()) {
									connection.setReadOnly(false);
									connection.setAutoCommit(autoCommit);
								}
							}
							return null;
						}
						try {
							return method.invoke(connection, args);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

}
